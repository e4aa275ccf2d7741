--- Kinds of rule packs and where their files lie below lua/rules. The pack `workflow/application` is workflows/application.lua with
--- guards/application.lua beside it; its tests are tests/workflow/application.lua. docs/rule-packs.md explains layers and versions.
return {
  order = { "workflow" },
  kinds = {
    workflow = { title = "Процессы и статусы", folder = "workflows", beside = { "guards" } },
  },
  shared = { "guards/shared", "dates", "words" }, -- every pack may require these
}
