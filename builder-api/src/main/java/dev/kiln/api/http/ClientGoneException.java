package dev.kiln.api.http;

import java.io.IOException;

/** The client closed the connection before it had sent or received all; there is nobody left to answer. */
public final class ClientGoneException extends IOException {
    private static final long serialVersionUID = 1L;

    ClientGoneException(String message, Throwable cause) {
        super(message, cause);
    }
}
