package dev.kiln.dockerfile.instruction;

import java.util.ArrayList;
import java.util.List;

import dev.kiln.dockerfile.source.DockerfileException;
import dev.kiln.dockerfile.source.DockerfileException.Code;

/**
 * Reads lists of changes such as {@code u=rwX,go=rX,+t}: classes, then operators with permissions, between commas.
 *
 * <p>
 * In the corners it follows the reader that BuildKit uses, which comes from the BSDs: behind {@code -}, {@code X} is
 * {@code x}; {@code s} and {@code t} do nothing for others alone; and {@code t} without a class makes the other
 * permissions of its group count for nothing.
 */
final class ModeChanges {

    private static final int PERMISSIONS = 0777;
    private static final int ALL_CLASSES = ModeChange.SET_USER_ID | ModeChange.SET_GROUP_ID | PERMISSIONS;

    private final String text;
    private final List<ModeChange> changes = new ArrayList<>();
    private int at;
    /** The bits that the classes of the current clause have; 0 if it names none, which means all. */
    private int who;
    private ModeChange.Operator operator = ModeChange.Operator.ADD;
    private boolean isSet;

    ModeChanges(String text) {
        this.text = text;
    }

    List<ModeChange> parse() {
        do {
            who = 0;
            while (classBits() != 0) {
                who |= classBits();
                at++;
            }
            do {
                readOperator();
                who &= ~ModeChange.STICKY;
                readPermissions();
            } while (at < text.length() && text.charAt(at) != ',');
        } while (at++ < text.length());
        return changes;
    }

    private char peek() {
        return at < text.length() ? text.charAt(at) : 0;
    }

    private int classBits() {
        return switch (peek()) {
            case 'a' -> ALL_CLASSES;
            case 'u' -> ModeChange.SET_USER_ID | ModeChange.Class.USER.bits();
            case 'g' -> ModeChange.SET_GROUP_ID | ModeChange.Class.GROUP.bits();
            case 'o' -> ModeChange.Class.OTHER.bits();
            default -> 0;
        };
    }

    private void readOperator() {
        operator = switch (peek()) {
            case '+' -> ModeChange.Operator.ADD;
            case '-' -> ModeChange.Operator.REMOVE;
            case '=' -> ModeChange.Operator.SET;
            default -> throw new DockerfileException(Code.FLAG, "invalid chmod parameter: '" + text
                    + "'. invalid syntax: it should be an octal number or changes such as u=rwX,go=rX");
        };
        isSet = false;
        at++;
    }

    private void readPermissions() {
        int bits = 0;
        boolean ifSearchable = false;
        for (;; at++) {
            switch (peek()) {
                case 'r' -> bits |= 0444;
                case 'w' -> bits |= 0222;
                case 'x' -> bits |= ModeChange.EXECUTE;
                case 'X' -> {
                    ifSearchable |= operator != ModeChange.Operator.REMOVE;
                    bits |= operator == ModeChange.Operator.REMOVE ? ModeChange.EXECUTE : 0;
                }
                case 's' -> bits |= onlyOthers() ? 0 : ModeChange.SET_USER_ID | ModeChange.SET_GROUP_ID;
                case 't' -> bits |= sticky();
                case 'u', 'g', 'o' -> {
                    flush(bits, ifSearchable);
                    bits = 0;
                    ifSearchable = false;
                    take();
                }
                default -> {
                    flush(bits, ifSearchable);
                    clearIfNothingWasSet();
                    return;
                }
            }
        }
    }

    private boolean onlyOthers() {
        return who != 0 && (who & ~ModeChange.Class.OTHER.bits()) == 0;
    }

    private int sticky() {
        if (onlyOthers()) {
            return 0;
        }
        who |= ModeChange.STICKY;
        return ModeChange.STICKY;
    }

    private void flush(int bits, boolean ifSearchable) {
        if (bits != 0) {
            change(bits);
        }
        if (ifSearchable) {
            changes.add(new ModeChange.AddIfSearchable(concerned() & ModeChange.EXECUTE));
        }
    }

    private void clearIfNothingWasSet() {
        if (operator == ModeChange.Operator.SET && !isSet) {
            change(0);
        }
    }

    private void change(int bits) {
        switch (operator) {
            case ADD -> changes.add(new ModeChange.Add(bits & concerned()));
            case REMOVE -> changes.add(new ModeChange.Remove(bits & concerned()));
            case SET -> {
                changes.add(new ModeChange.Remove(who == 0 ? ALL_CLASSES : who));
                changes.add(new ModeChange.Add(bits & concerned()));
                isSet = true;
            }
        }
    }

    private int concerned() {
        return who == 0 ? ChmodSpec.ALL_BITS : who;
    }

    private void take() {
        ModeChange.Class from = switch (peek()) {
            case 'u' -> ModeChange.Class.USER;
            case 'g' -> ModeChange.Class.GROUP;
            default -> ModeChange.Class.OTHER;
        };
        changes.add(new ModeChange.Take(from, concerned() & PERMISSIONS, operator));
        isSet = true;
    }
}
