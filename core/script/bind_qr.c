/* core.qr - the dark and light squares of a QR code (libqrencode). */
#include <qrencode.h>

#include "script/box.h"
#include "script/task.h"
#include "script/sandbox.h"

#define TEXT_MAX 1000 /* bytes: a code of phones' cameras, not of scanners */

/* squares(text) → side, and a row after a row of "1" and "0". */
static int l_squares(lua_State *L) {
  struct slice text = script_check_slice(L, 1);
  luaL_argcheck(L, text.len >= 1 && text.len <= TEXT_MAX, 1, "1 to 1000 bytes expected");
  struct bytes *out = script_scratch(L);
  QRcode *code = QRcode_encodeData((int)text.len, (const unsigned char *)text.data, 0, QR_ECLEVEL_M);
  if (code == NULL) return script_fail_text(L, "limit", "the text does not fit into a QR code");
  int side = code->width;
  for (int i = 0; i < side * side; i++) bytes_add_char(out, (char)('0' + (code->data[i] & 1)));
  QRcode_free(code);
  lua_pushinteger(L, side);
  script_push_scratch(L);
  return 2;
}

int script_open_qr(lua_State *L) {
  static const luaL_Reg functions[] = {{"squares", l_squares}, {NULL, NULL}};
  luaL_newlib(L, functions);
  return 1;
}
