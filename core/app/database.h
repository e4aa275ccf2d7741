/* app/database.h - the database of this installation, for as long as a command runs. */
#pragma once
#include "app/setup.h"
#include "db/cluster.h"

struct app_database {
  char *url;
  struct db_cluster *cluster; /* started by us; NULL: the running platform's, or COPP_DATABASE_URL */
};

/* After root is given up. */
COPP_MUST_USE bool app_database_open(struct app_setup *setup, struct app_database *database, struct error *err);
void app_database_close(struct app_database *database);
/* Gives the role that serves its rights, as the owner; nothing happens where there is no such role. Blocks. */
COPP_MUST_USE bool app_database_grant(const char *owner_url, struct error *err);
/* Sends one request to the running master and reads the answer. False: no master, or it left. */
bool app_ask_master(struct app_setup *setup, const char *request, char *answer, size_t size);
