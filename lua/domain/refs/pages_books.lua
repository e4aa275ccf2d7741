--- Pages of the reference books: the list, a new one, its name, its end.
local fields = require("domain.refs.fields")
local form = require("kit.form")
local paths = require("domain.refs.paths")
local policy = require("domain.refs.policy")
local respond = require("kit.respond")
local russian = require("kit.russian")
local service = require("domain.refs.service")

local BASE, READ, MANAGE = paths.BASE, { "ref.read" }, { "ref.manage" }

local function books_page(request, typed, fault)
  local input, err = form.parse(fields.BOOKS, request.query_all)
  if not input then return nil, err end
  local found
  found, err = service.books(request.user, input)
  if not found then return nil, err end
  local rows = {}
  for i, book in ipairs(found) do
    rows[i] = {
      href = paths.of(book.code),
      cells = {
        { text = book.title, sub = book.code, href = paths.of(book.code) },
        russian.number(book.active),
        russian.number(book.archived),
        { text = book.is_system and "С платформой" or "Свой", tone = book.is_system and "neu" or "info" },
        book.updated_at and russian.datetime(book.updated_at) or "",
      },
    }
  end
  return respond.page(request, "refs/books", {
    title = "Справочники",
    nav = "refs",
    rows = rows,
    input = input,
    can_manage = policy.can_manage(request.user),
    fields = form.render(fields.BOOK, typed, fault),
    fault = fault,
  }, fault and 422)
end

local function books(request) return books_page(request) end

local function create_book(request)
  local typed = request:form()
  local input, err = form.parse(fields.BOOK, typed)
  local book
  if input then
    book, err = service.create_book(request.user, input)
  end
  if book then
    return respond.redirect(paths.of(book.code), { notice = ("Справочник «%s» создан"):format(book.title) })
  end
  if err.status == 422 then return books_page(request, typed, err) end
  return nil, err
end

local function rename_book(request)
  local code = request.params.book
  local input, err = form.parse(fields.BOOK_CHANGE, request:form())
  local book
  if input then
    book, err = service.rename_book(request.user, code, input)
  end
  if book then return respond.redirect(paths.of(code), { notice = "Название изменено" }) end
  if err.status == 403 or err.status == 404 then return nil, err end
  return respond.redirect(paths.of(code), { notice = err.text, tone = "bad" })
end

local function delete_book(request)
  local ok, err = service.delete_book(request.user, request.params.book)
  if ok then return respond.redirect(BASE, { notice = "Справочник удалён" }) end
  if err.status == 403 or err.status == 404 then return nil, err end
  return respond.redirect(paths.of(request.params.book), { notice = err.text, tone = "bad" })
end

return {
  { "GET", BASE, books, access = READ, query = fields.BOOKS, summary = "Справочники" },
  { "POST", BASE, create_book, access = MANAGE, body = fields.BOOK, summary = "Новый справочник" },
  { "POST", BASE .. "/{book}/rename", rename_book, access = MANAGE, body = fields.BOOK_CHANGE, summary = "Название справочника" },
  { "POST", BASE .. "/{book}/delete", delete_book, access = MANAGE, summary = "Удалить справочник" },
}
