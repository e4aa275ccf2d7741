#include "script/vm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "script/vm_coverage.h"

/* A machine with eight other builds may keep a rule waiting: only its own time counts, up to this many times the limit. */
enum { WALL_TIMES = 4, COUNT_EVERY = 100 };

struct script_vm *script_vm_of(lua_State *L) { return *(struct script_vm **)lua_getextraspace(L); }

const char *script_vm_kind_name(enum script_vm_kind kind) {
  switch (kind) {
    case SCRIPT_VM_OK: return "ok";
    case SCRIPT_VM_SYNTAX: return "syntax";
    case SCRIPT_VM_RUNTIME: return "runtime";
    case SCRIPT_VM_TIME: return "time";
    case SCRIPT_VM_MEMORY: return "memory";
    case SCRIPT_VM_OUTPUT: return "output";
    case SCRIPT_VM_DEPTH: return "depth";
    case SCRIPT_VM_RESULT: return "result";
    case SCRIPT_VM_CRASH: return "crash";
  }
  return "crash";
}

static const char *usual_words(enum script_vm_kind kind) {
  switch (kind) {
    case SCRIPT_VM_TIME: return "time limit exceeded";
    case SCRIPT_VM_MEMORY: return "memory limit exceeded";
    case SCRIPT_VM_OUTPUT: return "output limit exceeded";
    case SCRIPT_VM_DEPTH: return "calls are nested too deeply";
    case SCRIPT_VM_OK:
    case SCRIPT_VM_SYNTAX:
    case SCRIPT_VM_RUNTIME:
    case SCRIPT_VM_RESULT:
    case SCRIPT_VM_CRASH: break;
  }
  return "failed";
}

/* ---- what failed, and where: without a byte of Lua's memory ---- */

static void copy_text(char *out, size_t size, const char *text) {
  size_t len = strlen(text);
  if (len >= size) {
    len = size - 1;
    while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) len--; /* no half character */
  }
  memcpy(out, text, len);
  out[len] = '\0';
}

static void note_place(struct script_vm_place *place, const lua_Debug *ar) {
  copy_text(place->chunk, sizeof place->chunk, ar->source + (ar->source[0] == '='));
  place->line = ar->currentline;
}

/* No names of functions: finding them recursed without bound in 5.4.4. */
static void note_trace(lua_State *L, struct script_vm_failure *failure) {
  lua_Debug ar;
  failure->trace_len = 0;
  for (int level = 0; level < 200 && failure->trace_len < SCRIPT_VM_TRACE && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline > 0) note_place(&failure->trace[failure->trace_len++], &ar);
  }
  if (failure->trace_len > 0) failure->place = failure->trace[0];
}

const char *script_vm_split_place(const char *text, struct script_vm_place *where) {
  const char *colon = strchr(text, ':');
  char *end = NULL;
  long line = colon != NULL ? strtol(colon + 1, &end, 10) : 0;
  size_t len = colon != NULL ? (size_t)(colon - text) : 0;
  if (colon == NULL || end == colon + 1 || *end != ':' || len >= sizeof where->chunk || line < 0 || line > INT32_MAX)
    return text;
  memcpy(where->chunk, text, len);
  where->chunk[len] = '\0';
  where->line = (int)line;
  return end + 1 + (end[1] == ' ');
}

static bool ends_with(const char *text, const char *end) {
  size_t len = strlen(text), end_len = strlen(end);
  return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static bool is_overflow(int status, const char *text) {
  return status == LUA_ERRERR || (text != NULL && ends_with(text, "stack overflow"));
}

/* The message handler of a run: value at 1. */
static int note_error(lua_State *L) {
  struct script_vm_failure *failure = &script_vm_of(L)->failure;
  const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : NULL;
  struct script_vm_place unused;
  char own[80];
  if (text == NULL) {
    if (lua_isnumber(L, 1)) snprintf(own, sizeof own, "%.14g", lua_tonumber(L, 1));
    else snprintf(own, sizeof own, "an error that is a %s", luaL_typename(L, 1));
    text = own;
  }
  failure->kind = is_overflow(LUA_OK, text) ? SCRIPT_VM_DEPTH : SCRIPT_VM_RUNTIME;
  note_trace(L, failure);
  if (failure->trace_len == 0) text = script_vm_split_place(text, &failure->place);
  else text = script_vm_split_place(text, &unused);
  copy_text(failure->text, sizeof failure->text, text);
  return 1;
}

static void fail(struct script_vm *vm, enum script_vm_kind kind, const char *text) {
  vm->failure.kind = kind;
  copy_text(vm->failure.text, sizeof vm->failure.text, text != NULL ? text : usual_words(kind));
}

_Noreturn void script_vm_stop(lua_State *L, enum script_vm_kind kind, const char *text) {
  struct script_vm *vm = script_vm_of(L);
  note_trace(L, &vm->failure);
  fail(vm, kind, text);
  vm->is_dead = true;
  _longjmp(vm->out, 1);
}

void script_vm_pass_limit(lua_State *L, int status) {
  const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  if (status == LUA_ERRMEM) script_vm_stop(L, SCRIPT_VM_MEMORY, NULL);
  if (is_overflow(status, text)) script_vm_stop(L, SCRIPT_VM_DEPTH, NULL);
  script_vm_tick(L);
}

/* ---- hooks ---- */

static bool is_over_time(const struct script_vm *vm) {
  return vm->is_late || (vm->watchdog == NULL && clock_monotonic_us() >= vm->deadline_us);
}

void script_vm_tick(lua_State *L) {
  if (is_over_time(script_vm_of(L))) script_vm_stop(L, SCRIPT_VM_TIME, NULL);
}

/* The function that the run called returns, not one that it called: level 1 is our entry. */
static void note_verdict(lua_State *L, struct script_vm *vm, lua_Debug *ar) {
  lua_Debug deeper;
  if (lua_getstack(L, 2, &deeper)) return;
  lua_getinfo(L, "Sl", ar);
  if (ar->currentline <= 0) return;
  vm->verdict_chunk = ar->source;
  vm->verdict_line = ar->currentline;
}

static void on_hook(lua_State *L, lua_Debug *ar) {
  struct script_vm *vm = script_vm_of(L);
  switch (ar->event) {
    case LUA_HOOKCOUNT: script_vm_tick(L); break;
    case LUA_HOOKRET: note_verdict(L, vm, ar); break;
    case LUA_HOOKLINE: script_coverage_hit(vm->coverage, L, ar); break;
    default: break;
  }
}

static int hook_mask(const struct script_vm *vm) {
  return (vm->has_verdict ? LUA_MASKRET : 0) | (vm->coverage != NULL ? LUA_MASKLINE : 0);
}

/* ---- running ---- */

static uint64_t thread_cpu_us(void) {
  struct timespec spent;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return (uint64_t)spent.tv_sec * 1000000 + (uint64_t)spent.tv_nsec / 1000;
}

static void begin(struct script_vm *vm, unsigned ms, struct script_watch *before) {
  uint64_t now = clock_monotonic_us(), allowed = (uint64_t)ms * 1000;
  int mask = hook_mask(vm);
  memset(&vm->failure, 0, offsetof(struct script_vm_failure, trace));
  vm->failure.trace_len = 0;
  vm->is_late = 0;
  vm->printed = 0;
  vm->lines = 0;
  vm->verdict_chunk = NULL;
  vm->deadline_us = now + allowed;
  if (vm->watchdog == NULL) mask |= LUA_MASKCOUNT;
  lua_sethook(vm->L, mask != 0 ? on_hook : NULL, mask, COUNT_EVERY);
  if (vm->watchdog == NULL) return;
  struct script_watch watch = {.running = vm->L, .on_overrun = on_hook, .mask = mask, .late = &vm->is_late,
                               .deadline_us = vm->deadline_us, .cpu_us = thread_cpu_us() + allowed,
                               .last_us = now + allowed * WALL_TIMES};
  script_watchdog_enter(vm->watchdog, &watch, before);
}

static int enter(struct script_vm *vm, lua_CFunction fn, void *arg) {
  lua_State *L = vm->L;
  if (_setjmp(vm->out) != 0) return LUA_YIELD; /* stopped */
  lua_settop(L, 0);
  lua_pushcfunction(L, note_error);
  lua_pushcfunction(L, fn);
  lua_pushlightuserdata(L, arg);
  return lua_pcall(L, 1, LUA_MULTRET, 1);
}

bool script_vm_run(struct script_vm *vm, lua_CFunction fn, void *arg, unsigned ms) {
  struct script_watch before;
  begin(vm, ms, &before);
  int status = enter(vm, fn, arg);
  if (vm->watchdog != NULL) script_watchdog_leave(vm->watchdog, &before);
  if (vm->is_dead) return false;
  if (status == LUA_OK && vm->failure.kind == SCRIPT_VM_OK) {
    lua_remove(vm->L, 1);
    return true;
  }
  if (status == LUA_ERRMEM) fail(vm, SCRIPT_VM_MEMORY, NULL);
  if (status == LUA_ERRERR) fail(vm, SCRIPT_VM_DEPTH, NULL);
  if (vm->failure.kind == SCRIPT_VM_MEMORY || vm->failure.kind == SCRIPT_VM_DEPTH) vm->is_dead = true;
  else lua_settop(vm->L, 0);
  return false;
}

/* ---- compiling ---- */

struct piece {
  struct slice rest;
  lua_State *L;
};

/* In small pieces: the clock is looked at in between, for the compiler runs where no hook fires. */
static const char *give_piece(lua_State *L, void *ctx, size_t *len) {
  enum { PIECE = 256 };
  struct piece *piece = ctx;
  const char *data = piece->rest.data;
  script_vm_tick(L);
  *len = piece->rest.len < PIECE ? piece->rest.len : PIECE;
  piece->rest.data += *len;
  piece->rest.len -= *len;
  return *len != 0 ? data : NULL;
}

static bool refuse(struct script_vm *vm, const char *chunk, const char *text) {
  copy_text(vm->failure.place.chunk, sizeof vm->failure.place.chunk, chunk);
  fail(vm, SCRIPT_VM_SYNTAX, script_vm_split_place(text, &vm->failure.place));
  return false;
}

bool script_vm_compile(lua_State *L, struct slice text, const char *chunk) {
  struct script_vm *vm = script_vm_of(L);
  struct piece piece = {.rest = text};
  if (text.len > SCRIPT_VM_CHUNK_BYTES) return refuse(vm, chunk, "the text is too long");
  if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0) piece.rest = (struct slice){text.data + 3, text.len - 3};
  if (piece.rest.len > 0 && piece.rest.data[0] == '#') { /* "#!/…": the line stays, for the numbers */
    const char *end = memchr(piece.rest.data, '\n', piece.rest.len);
    size_t cut = end != NULL ? (size_t)(end - piece.rest.data) : piece.rest.len;
    piece.rest = (struct slice){piece.rest.data + cut, piece.rest.len - cut};
  }
  const char *name = lua_pushfstring(L, "=%s", chunk);
  int status = lua_load(L, give_piece, &piece, name, "t");
  lua_remove(L, -2);
  if (status == LUA_OK) return true;
  if (status == LUA_ERRMEM) script_vm_stop(L, SCRIPT_VM_MEMORY, NULL);
  refuse(vm, chunk, lua_tostring(L, -1));
  lua_pop(L, 1);
  return false;
}

/* ---- life ---- */

static int open_all(lua_State *L) {
  script_vm_open(L);
  return 0;
}

struct script_vm *script_vm_new(const struct script_vm_limits *limits, long fail_at) {
  enum { OPEN_MS = 1000 };
  struct script_vm *vm = mem_zero(sizeof *vm);
  vm->limits = *limits;
  vm->memory.ceiling = vm->memory.limit = limits->memory_bytes;
  vm->memory.fail_at = fail_at;
  vm->memory.is_owner = true;
  list_init(&vm->memory.large);
  vm->L = lua_newstate(script_memory_allocate, &vm->memory);
  if (vm->L != NULL) {
    *(struct script_vm **)lua_getextraspace(vm->L) = vm;
    if (script_vm_run(vm, open_all, NULL, OPEN_MS)) return vm;
  }
  script_vm_free(vm);
  return NULL;
}

void script_vm_free(struct script_vm *vm) {
  if (vm == NULL) return;
  script_memory_deinit(&vm->memory);
  free(vm);
}
