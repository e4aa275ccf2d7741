// Lua in CodeMirror 6: highlighting, search, marks of the server's check, Ctrl+S. Tab indents; Esc and then Tab leaves, so that nobody
// with a keyboard is caught. Styles are inserted with the page's nonce, the policy allows no others.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lua } from "@codemirror/legacy-modes/mode/lua";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { debounce, el, icon, sendJson } from "./dom.js";

const COLOURS = HighlightStyle.define([
  { tag: tags.comment, class: "tok-comment" }, { tag: tags.keyword, class: "tok-keyword" }, { tag: tags.string, class: "tok-string" },
  { tag: tags.number, class: "tok-number" }, { tag: [tags.standard(tags.variableName), tags.standard(tags.name)], class: "tok-builtin" },
]);

const PHRASES = {
  Find: "Найти", Replace: "Заменить", next: "дальше", previous: "назад", all: "все", "match case": "с учётом регистра", "by word": "слово целиком",
  regexp: "выражение", replace: "заменить", "replace all": "заменить все", close: "закрыть", "current match": "найдено", "on line": "в строке",
  "replaced $ matches": "заменено: $", "replaced match on line $": "заменено в строке $", "Go to line": "Перейти к строке", go: "перейти",
  Diagnostics: "Замечания", "No diagnostics": "Замечаний нет", "Fold line": "Свернуть", "Unfold line": "Развернуть", "folded code": "свёрнуто", unfold: "развернуть",
  "Control character": "Служебный знак",
};

const LOOK = EditorView.theme({
  "&": { fontSize: "0.875rem", backgroundColor: "var(--surface)", color: "var(--ink)" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "1.55", minHeight: "26rem", maxHeight: "70vh", overflow: "auto" },
  ".cm-content": { caretColor: "var(--ink)", padding: "10px 0" },
  ".cm-gutters": { backgroundColor: "var(--surface-2)", color: "var(--ink-3)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--brand-soft) 55%, transparent)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--brand) 28%, transparent) !important" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-panels": { backgroundColor: "var(--surface-2)", color: "var(--ink)", borderColor: "var(--line)" },
  ".cm-textfield": { backgroundColor: "var(--surface)", color: "var(--ink)", borderColor: "var(--line-ctl)" },
  ".cm-button": { backgroundImage: "none", backgroundColor: "var(--surface)", color: "var(--ink)", borderColor: "var(--line-ctl)" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", color: "var(--ink)", borderColor: "var(--line-2)" },
  ".cm-searchMatch": { backgroundColor: "var(--warn-bg)", outline: "1px solid var(--warn)" },
});

function diagnosticsOf(state, findings) {
  return findings.filter((finding) => finding.line).map((finding) => {
    const line = state.doc.line(Math.min(Math.max(finding.line, 1), state.doc.lines));
    return { from: line.from, to: line.to, severity: finding.severity === "error" ? "error" : "warning", message: finding.text };
  });
}

function showFindings(box, findings, part) {
  box.hidden = findings.length === 0;
  box.firstElementChild.replaceChildren(...findings.map((finding) => {
    const place = finding.line && `${finding.part && finding.part !== part ? `${finding.file}, ` : ""}строка ${finding.line}: `;
    const isError = finding.severity === "error";
    return el("li", { class: isError ? "bad" : "warn" }, icon(isError ? "circle-x" : "alert-triangle"), el("span", {}, place && el("b", {}, place), finding.text));
  }));
}

export function startRulesEditor(form) {
  const area = form.querySelector("textarea"), status = form.querySelector("[data-rules-state]"), box = form.querySelector("[data-rules-findings]");
  const { api, part, organization } = form.dataset;
  const own = Number(organization) || 0;
  const say = (text) => { status.textContent = text; };
  let saved = area.value, files = null;

  const filesNow = async (text) => {
    if (!files) {
      const answer = await fetch(`${api}/draft?organization_id=${own}`, { credentials: "same-origin", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error("draft");
      files = (await answer.json()).files;
    }
    return { ...files, [part]: text };
  };

  const check = async () => {
    const text = view.state.doc.toString();
    const { status: code, body } = await sendJson(`${api}/check`, "POST", { organization_id: own, files: await filesNow(text) });
    if (code !== 200 || text !== view.state.doc.toString()) return;
    const here = body.findings.filter((finding) => !finding.part || finding.part === part);
    view.dispatch(setDiagnostics(view.state, diagnosticsOf(view.state, here)));
    showFindings(box, body.findings, part);
    say(`${text === saved ? "Записано" : "Не записано"}. ${body.ok ? "Проверки пройдены" : `Ошибок: ${body.errors}, не прошло испытаний: ${body.failed}`}`);
  };
  const checkSoon = debounce(() => check().catch(() => say("Нет связи: проверить не удалось")), 700);

  const save = async () => {
    say("Записываем…");
    const text = view.state.doc.toString();
    const { status: code, body } = await sendJson(`${api}/draft`, "PUT", { organization_id: own, files: await filesNow(text), version: Number(form.elements.version.value) });
    if (code === 200) {
      saved = text;
      files = body.files;
      form.elements.version.value = body.version;
      return check();
    }
    say(body?.detail ?? body?.title ?? "Не записано: попробуйте ещё раз");
  };
  const saveNow = () => {
    save().catch(() => say("Нет связи: текст не записан, он остаётся здесь"));
    return true;
  };

  const view = new EditorView({
    parent: area.parentNode,
    state: EditorState.create({
      doc: area.value,
      extensions: [
        EditorView.cspNonce.of(document.querySelector("script[nonce]")?.nonce ?? ""),
        EditorState.phrases.of(PHRASES), indentUnit.of("  "), lineNumbers(), foldGutter(), lintGutter(), history(), drawSelection(), highlightSpecialChars(),
        highlightActiveLine(), highlightActiveLineGutter(), highlightSelectionMatches(), bracketMatching(), indentOnInput(), search({ top: true }),
        StreamLanguage.define(lua), syntaxHighlighting(COLOURS), LOOK,
        keymap.of([{ key: "Mod-s", run: saveNow, preventDefault: true }, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, indentWithTab, ...defaultKeymap]),
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": `Текст файла ${part}.lua. Выйти из редактора: Escape, затем Tab` }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          area.value = update.state.doc.toString();
          say("Не записано");
          checkSoon();
        }),
      ],
    }),
  });
  area.after(view.dom);
  area.hidden = true;
  area.previousElementSibling.hidden = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    saveNow();
  });
  addEventListener("beforeunload", (event) => {
    if (view.state.doc.toString() !== saved) event.preventDefault();
  });
  const shown = [...box.querySelectorAll("[data-line]")].map((item) => ({ line: Number(item.dataset.line), severity: item.dataset.severity, text: item.textContent }));
  view.dispatch(setDiagnostics(view.state, diagnosticsOf(view.state, shown)));
  const wanted = Number(new URLSearchParams(location.search).get("line"));
  if (wanted > 0) {
    const line = view.state.doc.line(Math.min(wanted, view.state.doc.lines));
    view.dispatch({ selection: { anchor: line.from }, effects: EditorView.scrollIntoView(line.from, { y: "center" }) });
    view.focus();
  }
}
