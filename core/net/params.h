/* net/params.h - headers with parameters: form-data; name="a"; filename*=UTF-8''%D1%84.pdf */
#pragma once
#include "base/bytes.h"

/* The part before the first ";", trimmed. */
struct slice net_params_value(struct slice header);

/* Adds the value of a parameter (name without "*", any case) to out. The extended form (RFC 5987,
 * UTF-8 only) wins over the plain one. In quoted strings \" and \\ are unescaped, nothing else.
 * false when absent or malformed; out then keeps what it had. */
bool net_params_get(struct slice header, const char *name, struct bytes *out);

/* Adds  attachment; filename="plain.pdf"; filename*=UTF-8''…  (RFC 6266), or inline; … */
void net_disposition(struct bytes *out, struct slice filename, bool is_inline);
