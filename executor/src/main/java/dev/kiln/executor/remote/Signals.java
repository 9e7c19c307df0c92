package dev.kiln.executor.remote;

import jnr.ffi.LibraryLoader;

/** Ends processes by group. */
final class Signals {
    private static final int SIGKILL = 9;

    private Signals() {}

    /** Public only because the class that jnr makes for it lives in another class loader. */
    public interface Calls {
        int kill(int pid, int signal);
    }

    /** Kills a process that leads a group, and all of the group; nothing when all are gone. */
    static void killGroup(long leader) {
        Loaded.LIBC.kill(Math.toIntExact(-leader), SIGKILL);
    }

    private static final class Loaded {
        private static final Calls LIBC = LibraryLoader.create(Calls.class).load("libc.so.6");

        private Loaded() {}
    }
}
