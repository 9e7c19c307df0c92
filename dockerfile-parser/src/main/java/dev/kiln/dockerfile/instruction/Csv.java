package dev.kiln.dockerfile.instruction;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.dockerfile.lex.Word;
import dev.kiln.dockerfile.source.DockerfileException;

/** One line of comma-separated fields; a field in double quotes may hold commas, and quotes doubled. */
final class Csv {

    private final Word value;
    private final String text;
    private final String what;
    private int at;

    private Csv(Word value, String what) {
        this.value = value;
        this.text = value.text();
        this.what = what;
    }

    /** @param what the fields' name in errors */
    static List<String> fields(Word value, String what) {
        Csv csv = new Csv(value, what);
        List<String> fields = new ArrayList<>();
        while (csv.at <= csv.text.length()) {
            fields.add(csv.field());
            csv.at++;
        }
        return fields;
    }

    /** Leaves the position at the comma after the field, or at the end. */
    private String field() {
        if (at < text.length() && text.charAt(at) == '"') {
            return quoted();
        }
        int comma = text.indexOf(',', at);
        String field = text.substring(at, comma < 0 ? text.length() : comma);
        if (field.indexOf('"') >= 0) {
            throw malformed("bare \" in non-quoted field");
        }
        at += field.length();
        return field;
    }

    private String quoted() {
        StringBuilder field = new StringBuilder();
        at++;
        while (true) {
            int quote = text.indexOf('"', at);
            if (quote < 0) {
                throw malformed("extraneous or missing \" in quoted field");
            }
            field.append(text, at, quote);
            at = quote + 1;
            if (at == text.length() || text.charAt(at) == ',') {
                return field.toString();
            }
            if (text.charAt(at) != '"') {
                throw malformed("extraneous or missing \" in quoted field");
            }
            field.append('"');
            at++;
        }
    }

    private DockerfileException malformed(String message) {
        return Faults.flag(value, "failed to parse csv " + what + ": " + message);
    }
}
