// The editor of rules: CodeMirror over the textarea of the page; saves and checks by the API, without us the form does. The progress of a
// dry run: the page is loaded anew when it is over.
import { startRulesEditor } from "./lib/lua_editor.js";

for (const form of document.querySelectorAll("form[data-rules]")) startRulesEditor(form);

const number = new Intl.NumberFormat("ru");
for (const box of document.querySelectorAll("[data-run]")) {
  const stream = new EventSource(box.dataset.run);
  stream.addEventListener("run", (event) => {
    const run = JSON.parse(event.data);
    if (run.state !== "running") {
      stream.close();
      location.reload();
      return;
    }
    box.querySelector("progress").value = run.percent;
    box.querySelector("[data-run-words]").textContent = `Просмотрено решений: ${number.format(run.done)}, иначе: ${number.format(run.differ)}`;
  });
}
