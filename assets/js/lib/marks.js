// What a teacher may type into a cell of the journal: н у б о д and 2–5, in either keyboard layout; «о4» is both at once.
const LETTERS = { н: "absent", у: "excused", б: "sick", о: "late", д: "online" };
// The same keys in the Latin layout, by place on the keyboard.
const LATIN = { y: "н", e: "у", ",": "б", j: "о", l: "д" };
const ABSENT = new Set(["absent", "excused", "sick"]);

/** Text of a cell, put right; what cannot stand there falls away. */
export function clean(typed) {
  const text = [...typed.toLowerCase()].map((sign) => LATIN[sign] ?? sign).join("");
  const letter = [...text].reverse().find((sign) => sign in LETTERS) ?? "";
  const grade = [...text].reverse().find((sign) => /[2-5]/.test(sign)) ?? "";
  if (letter && grade && ABSENT.has(LETTERS[letter])) return /[2-5]$/.test(text) ? grade : letter;
  return letter + grade;
}

export function parse(text) {
  const grade = /[2-5]$/.test(text) ? text.at(-1) : null;
  const letter = grade ? text.slice(0, -1) : text;
  return { mark: LETTERS[letter] ?? "present", grade };
}

export function write({ mark, grade }) {
  const letter = Object.keys(LETTERS).find((key) => LETTERS[key] === mark) ?? "";
  return letter + (grade === "na" ? "н/а" : grade ?? "");
}

/** Class of the cell: colour follows the letter or the mark. */
export function tone(text) {
  if (text.startsWith("н")) return "n";
  if (/^[уб]/.test(text)) return "u";
  if (/^[од]/.test(text)) return "o";
  return { 5: "m5", 2: "m2" }[text] ?? "";
}
