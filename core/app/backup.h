/* app/backup.h - `copp backup`, `copp restore`: database and files in one archive, verified.
 *
 *   FILE is a tar:  manifest.tsv · database.dump (pg_dump -Fc) · secret · files/<sha256>
 *
 *   manifest.tsv, a fact a line: "version 1" · "created <moment>" · "dump <sha256> <bytes>" · "table <name> <rows>"
 *                                · "file <sha256> <bytes>"
 *
 * Dump and counts are of one snapshot. Files only come and go as a whole under the name of their content, so links made before
 * the dump and again after it hold everything the snapshot names.
 */
#pragma once
#include "app/setup.h"

/* Writes the archive; the former one of that name stays until the new one is whole. Returns the exit code. */
int app_backup(struct app_setup *setup, const char *file);
/* Restores it into a PostgreSQL made for the purpose, and compares with the manifest. */
int app_backup_verify(struct app_setup *setup, const char *file);
/* Brings database and files back; what is there must be empty unless is_forced. */
int app_restore(struct app_setup *setup, const char *file, bool is_forced);
