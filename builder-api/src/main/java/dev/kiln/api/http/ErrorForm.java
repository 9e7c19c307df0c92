package dev.kiln.api.http;

/** How a part of the surface writes failures. */
@FunctionalInterface
public interface ErrorForm {

    /** The reply to a call that failed; must not throw, and tells no stack trace. */
    Reply reply(Throwable failure, Call call);
}
