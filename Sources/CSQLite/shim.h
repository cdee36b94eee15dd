// What of SQLite Swift cannot call by itself: variadic functions and casting macros.
#pragma once
#include <sqlite3.h>

static inline int bellows_sqlite_db_config(sqlite3 *db, int option, int value) {
    return sqlite3_db_config(db, option, value, (int *)0);
}

static inline sqlite3_destructor_type bellows_sqlite_transient(void) {
    return SQLITE_TRANSIENT;
}
