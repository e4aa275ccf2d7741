// The editor of rules: CodeMirror over the textarea of the page. Saves and checks by the API; without us the form does.
import { startRulesEditor } from "./lib/lua_editor.js";

for (const form of document.querySelectorAll("form[data-rules]")) startRulesEditor(form);
