#include "net/status.h"

#include <stddef.h>

const char *net_status_reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 423: return "Locked";
    case 425: return "Too Early";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    case 507: return "Insufficient Storage";
    default: return "Status";
  }
}

static const struct net_refusal refusals[] = {
    {500, "internal", "Внутренняя ошибка сервера."},
    {400, "bad_request", "Запрос составлен неверно."},
    {404, "not_found", "Такого файла нет."},
    {405, "method_not_allowed", "Этот способ обращения здесь не поддерживается."},
    {408, "request_timeout", "Запрос передавался слишком долго."},
    {413, "too_large", "Передано слишком много данных."},
    {414, "uri_too_long", "Адрес слишком длинный."},
    {416, "range_not_satisfiable", "Запрошенной части файла нет."},
    {417, "expectation_failed", "Сервер не может выполнить условие из заголовка Expect."},
    {431, "headers_too_large", "Заголовки запроса слишком велики."},
    {501, "not_implemented", "Этот способ обращения сервер не поддерживает."},
    {503, "overloaded", "Сервер перегружен. Повторите попытку через несколько секунд."},
    {505, "version_not_supported", "Сервер поддерживает только HTTP/1.1 и HTTP/1.0."},
};

const struct net_refusal *net_refusal_of(int status) {
  for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
    if (refusals[i].status == status) return &refusals[i];
  return &refusals[0];
}
