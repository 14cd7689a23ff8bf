#include <microhttpd.h>

// MHD_get_connection_info is variadic, and Swift imports no variadic function. None of the kinds we ask for
// takes a further argument.
static inline const union MHD_ConnectionInfo *dayu_connection_info(
    struct MHD_Connection *connection, enum MHD_ConnectionInfoType kind) {
    return MHD_get_connection_info(connection, kind);
}
