//! Against real peers: programs that are not ours. Run with `CALLWATCH_REAL=1`.

mod ups;
