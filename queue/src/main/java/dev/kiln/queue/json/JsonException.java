package dev.kiln.queue.json;

/** The JSON is not what was expected; the message names the field and says what is wrong, in a few hundred characters. */
public final class JsonException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private static final int MAX_LENGTH = 300;

    private final String field;

    /** @param field the path of the field, as in {@code context.digest}; empty for the document as a whole */
    public JsonException(String field, String problem) {
        super(message(field, problem));
        this.field = field;
    }

    public JsonException(String field, String problem, Throwable cause) {
        super(message(field, problem), cause);
        this.field = field;
    }

    public String field() {
        return field;
    }

    private static String message(String field, String problem) {
        return field.isEmpty() ? clip(problem) : clip(field) + ": " + clip(problem);
    }

    /** Names and problems may quote input of any length. */
    private static String clip(String text) {
        return text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "…";
    }
}
