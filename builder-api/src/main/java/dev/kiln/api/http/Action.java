package dev.kiln.api.http;

/** What a route does. Runs on a virtual thread and may block; what it throws becomes an error reply. */
@FunctionalInterface
public interface Action {

    Reply perform(Call call) throws Exception;
}
