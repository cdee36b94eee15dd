// What of SQLite Swift cannot call by itself: variadic functions, casting macros, and functions that an older
// header does not have.
#pragma once
#include <sqlite3.h>

// Sets one of the connection's on/off options; `state` is what it is afterwards.
static inline int bellows_sqlite_set(sqlite3 *db, int option, int value, int *state) {
    return sqlite3_db_config(db, option, value, state);
}

static inline sqlite3_destructor_type bellows_sqlite_transient(void) {
    return SQLITE_TRANSIENT;
}

// The byte of the SQL that the last error is about; -1 where that is not known (always, before 3.38).
static inline int bellows_sqlite_error_offset(sqlite3 *db) {
#if SQLITE_VERSION_NUMBER >= 3038000
    return sqlite3_error_offset(db);
#else
    (void)db;
    return -1;
#endif
}

// The rows that the last INSERT, UPDATE or DELETE changed by itself (as a 64-bit number since 3.37).
static inline long long bellows_sqlite_changes(sqlite3 *db) {
#if SQLITE_VERSION_NUMBER >= 3037000
    return sqlite3_changes64(db);
#else
    return sqlite3_changes(db);
#endif
}
