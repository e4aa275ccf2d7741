// Checks of Russian numbers, the same as the server's (which decides). Each returns null (fine), a message, or undefined
// (too early to say: still being typed).
const digits = (value) => value.replace(/\D/g, "");
const weigh = (number, weights) => weights.reduce((sum, weight, i) => sum + weight * Number(number[i]), 0);

function snils(value) {
  const number = digits(value);
  if (number.length < 11) return "В СНИЛС 11 цифр";
  if (number.length > 11) return "В СНИЛС 11 цифр, здесь больше";
  let control = weigh(number, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101;
  if (control === 100) control = 0;
  return control === Number(number.slice(9)) ? null : "Контрольная сумма СНИЛС не сходится. Проверьте последние две цифры";
}

function inn(value) {
  const number = digits(value);
  const control = (weights) => (weigh(number, weights) % 11) % 10;
  if (number.length === 10) {
    return control([2, 4, 10, 3, 5, 9, 4, 6, 8]) === Number(number[9]) ? null : "Контрольное число не сходится. Проверьте ИНН";
  }
  if (number.length === 12) {
    const first = control([7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) === Number(number[10]);
    const second = control([3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) === Number(number[11]);
    return first && second ? null : "Контрольное число не сходится. Проверьте ИНН";
  }
  return "В ИНН организации 10 цифр, у человека и предпринимателя — 12";
}

function ogrn(value) {
  const number = digits(value);
  if (number.length !== 13 && number.length !== 15) return "В ОГРН 13 цифр, у предпринимателя — 15";
  const control = Number(BigInt(number.slice(0, -1)) % BigInt(number.length - 2)) % 10;
  return control === Number(number.at(-1)) ? null : "Контрольное число не сходится. Проверьте ОГРН";
}

function kpp(value) {
  return /^\d{4}[\dA-Z]{2}\d{3}$/.test(value.trim()) ? null : "В КПП 9 знаков";
}

function email(value) {
  if (!value.includes("@")) return "В адресе нет @";
  return /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(value.trim()) ? null : "Проверьте адрес: после @ нужен домен, например mail.ru";
}

function phone(value) {
  const count = digits(value).length;
  return count >= 10 && count <= 15 ? null : "В номере телефона не меньше 10 цифр";
}

export const checks = { snils, inn, ogrn, kpp, email, phone };
/** What to say when the number is right; nothing for kinds that people know to be right. */
export const praise = { snils: "СНИЛС верный", inn: "ИНН верный", ogrn: "ОГРН верный", kpp: "КПП записан верно" };

/** Writes a full number the usual way; an unfinished one stays as typed. */
export const format = {
  snils(value) {
    const n = digits(value);
    return n.length === 11 ? `${n.slice(0, 3)}-${n.slice(3, 6)}-${n.slice(6, 9)} ${n.slice(9)}` : value;
  },
  phone(value) {
    const n = digits(value).replace(/^8(?=\d{10}$)/, "7");
    if (n.length !== 11 || n[0] !== "7") return value;
    return `+7 ${n.slice(1, 4)} ${n.slice(4, 7)}-${n.slice(7, 9)}-${n.slice(9)}`;
  },
};
