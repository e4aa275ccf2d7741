#include "db/conninfo.h"

#include <libpq-fe.h>
#include <stdlib.h>

#include "base/mem.h"

static void add_pair(struct db_conninfo *info, const char *key, const char *value) {
  size_t size = (size_t)(info->count + 1) * sizeof(char *);
  info->keys = mem_grow(info->keys, size);
  info->values = mem_grow(info->values, size);
  info->keys[info->count] = mem_dup(key);
  info->values[info->count++] = mem_dup(value);
}

static bool has_key(const struct db_conninfo *info, const char *key) {
  for (int i = 0; i < info->count; i++)
    if (strcmp(info->keys[i], key) == 0) return true;
  return false;
}

static void add_default(struct db_conninfo *info, const char *key, const char *value) {
  if (!has_key(info, key)) add_pair(info, key, value);
}

static int count_items(const char *list) {
  int count = 1;
  for (; *list != '\0'; list++) count += *list == ',';
  return count;
}

/* The item number i of a comma list, ""; a shorter list of one item serves all (as ports do). */
static char *item_of(const char *list, int i) {
  if (count_items(list) == 1) i = 0;
  for (; i > 0 && *list != '\0'; list++) i -= *list == ',';
  return mem_dup_n(list, strcspn(list, ","));
}

static void split_hosts(struct db_conninfo *info, const char *names, const char *addrs,
                        const char *ports) {
  int by_name = count_items(names), by_addr = count_items(addrs);
  info->host_count = by_name > by_addr ? by_name : by_addr;
  info->hosts = mem_zero((size_t)info->host_count * sizeof *info->hosts);
  for (int i = 0; i < info->host_count; i++) {
    struct db_host *host = &info->hosts[i];
    host->name = item_of(names, i);
    host->addr = *addrs != '\0' ? item_of(addrs, i) : mem_dup("");
    host->port = item_of(ports, i);
  }
}

static void add_defaults(struct db_conninfo *info, const char *application_name, const char *want) {
  add_default(info, "application_name", application_name);
  add_default(info, "client_encoding", "UTF8");
  add_default(info, "gssencmode", "disable"); /* its probing reads files, and may block */
  add_default(info, "keepalives_idle", "30");
  add_default(info, "keepalives_interval", "10");
  add_default(info, "keepalives_count", "3");
  add_default(info, "tcp_user_timeout", "15000");
  if (info->host_count > 1) add_default(info, "target_session_attrs", want);
}

bool db_conninfo_parse(const char *url, const char *application_name, const char *want,
                       struct db_conninfo *out, struct error *err) {
  *out = (struct db_conninfo){0};
  char *trouble = NULL;
  PQconninfoOption *options = PQconninfoParse(url, &trouble);
  PQfreemem(trouble); /* not passed on: it may quote the password */
  if (options == NULL)
    return error_set(err, ERR_INVALID,
                     "the database URL is neither a postgresql:// URI nor key=value");
  const char *names = "", *addrs = "", *ports = "";
  for (const PQconninfoOption *o = options; o->keyword != NULL; o++) {
    if (o->val == NULL || *o->val == '\0') continue;
    if (strcmp(o->keyword, "host") == 0) names = o->val;
    else if (strcmp(o->keyword, "hostaddr") == 0) addrs = o->val;
    else if (strcmp(o->keyword, "port") == 0) ports = o->val;
    else add_pair(out, o->keyword, o->val);
  }
  if (*names == '\0' && *addrs == '\0' && getenv("PGHOST") != NULL) names = getenv("PGHOST");
  split_hosts(out, names, addrs, ports);
  add_defaults(out, application_name, want);
  PQconninfoFree(options);
  return true;
}

void db_conninfo_deinit(struct db_conninfo *info) {
  for (int i = 0; i < info->count; i++) {
    free(info->keys[i]);
    free(info->values[i]);
  }
  for (int i = 0; i < info->host_count; i++) {
    free(info->hosts[i].name);
    free(info->hosts[i].addr);
    free(info->hosts[i].port);
  }
  free(info->keys);
  free(info->values);
  free(info->hosts);
  *info = (struct db_conninfo){0};
}
