package dev.kiln.executor.logging;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;

import org.slf4j.MDC;

/** The fields that this thread's log lines carry. */
public final class LogFields {
    public static final String BUILD = "build";
    public static final String ATTEMPT = "attempt";
    public static final String WORKER = "worker";
    public static final String VERTEX = "vertex";

    private LogFields() {}

    /** Those of this thread. */
    public static Map<String, String> here() {
        Map<String, String> fields = MDC.getCopyOfContextMap();
        return fields == null ? Map.of() : Map.copyOf(fields);
    }

    /** The same and one more. */
    public static Map<String, String> with(Map<String, String> fields, String name, String value) {
        Map<String, String> more = new HashMap<>(fields);
        more.put(name, value);
        return Map.copyOf(more);
    }

    /** Runs the work with these fields and no others. */
    public static void run(Map<String, String> fields, Runnable work) {
        Map<String, String> before = here();
        MDC.setContextMap(fields);
        try {
            work.run();
        } finally {
            MDC.setContextMap(before);
        }
    }

    /** For another thread: the work, with the fields that this thread has now. */
    public static Runnable carry(Runnable work) {
        Map<String, String> fields = here();
        return () -> run(fields, work);
    }

    /** For another thread: the work, with the fields that this thread has now. */
    public static <T> Callable<T> carryCall(Callable<T> work) {
        Map<String, String> fields = here();
        return () -> {
            Map<String, String> before = here();
            MDC.setContextMap(fields);
            try {
                return work.call();
            } finally {
                MDC.setContextMap(before);
            }
        };
    }
}
