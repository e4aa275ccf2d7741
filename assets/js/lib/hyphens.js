// Soft hyphens in long Russian words of narrow columns: browsers without a Russian dictionary would break them anywhere.
const VOWELS = "аеёиоуыэюя";
const isVowel = (sign) => VOWELS.includes(sign);
const isSign = (sign) => "ьъй".includes(sign);

/** Places a break where a syllable ends: never one letter alone, never before ь, ъ, й. */
export function hyphenate(word) {
  const signs = [...word.toLowerCase()];
  let out = "";
  let part = 0;
  for (let i = 0; i < word.length; i++) {
    out += word[i];
    part++;
    const [here, next, after] = [signs[i], signs[i + 1], signs[i + 2]];
    const left = word.length - i - 1;
    if (part < 2 || left < 3 || isSign(next)) continue;
    const openSyllable = isVowel(here) && !isVowel(next) && isVowel(after);
    const closedSyllable = !isVowel(here) && !isVowel(next) && isVowel(after) && signs.slice(i - part + 1, i).some(isVowel);
    if (openSyllable || closedSyllable) {
      out += "\u00ad";
      part = 0;
    }
  }
  return out;
}

export function startHyphens() {
  // Surnames before initials stay whole.
  for (const root of document.querySelectorAll(".week .e, .tt .e")) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      node.nodeValue = node.nodeValue.replace(/[а-яё]{9,}(?![а-яё]|\s[а-яё]\.)/gi, hyphenate);
    }
  }
}
