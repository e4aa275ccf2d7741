// Form of Lua files by StyLua: node tests/lua/support/stylua.mjs [--write] FILE… (exit 1: some differ). Settings: stylua.toml.
import { readFileSync, writeFileSync } from "node:fs";
import * as stylua from "@johnnymorganz/stylua";

const text = readFileSync(new URL("../../../stylua.toml", import.meta.url), "utf8");
const toml = Object.fromEntries([...text.matchAll(/^(\w+) = "?([^"\n]*)"?$/gm)].map((match) => [match[1], match[2]]));

function settings() {
  const config = stylua.Config.new(); // formatCode takes it away, hence one a file
  config.syntax = stylua.LuaVersion.Lua54;
  config.column_width = Number(toml.column_width);
  config.indent_width = Number(toml.indent_width);
  config.indent_type = stylua.IndentType[toml.indent_type];
  config.quote_style = stylua.QuoteStyle[toml.quote_style];
  config.call_parentheses = stylua.CallParenType[toml.call_parentheses];
  config.collapse_simple_statement = stylua.CollapseSimpleStatement[toml.collapse_simple_statement];
  return config;
}

const is_writing = process.argv.includes("--write");
let differ = 0;
for (const file of process.argv.slice(2).filter((word) => word !== "--write")) {
  const before = readFileSync(file, "utf8");
  const after = stylua.formatCode(before, settings(), undefined, stylua.OutputVerification.None);
  if (after === before) continue;
  differ++;
  if (is_writing) writeFileSync(file, after);
  else console.log(file);
}
process.exit(differ > 0 && !is_writing ? 1 : 0);
