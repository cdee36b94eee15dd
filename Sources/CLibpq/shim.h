// What of libpq Swift cannot see by itself.
#pragma once
#include <libpq-fe.h>
