package dev.kiln.dockerfile.instruction;

/** One change of the bits of a mode. */
public sealed interface ModeChange {

    int SET_USER_ID = 04000;
    int SET_GROUP_ID = 02000;
    int STICKY = 01000;
    int EXECUTE = 0111;

    /** @param searchable whether the file is a directory, or was executable for somebody before all changes */
    int apply(int mode, boolean searchable);

    record Add(int bits) implements ModeChange {

        @Override
        public int apply(int mode, boolean searchable) {
            return mode | bits;
        }
    }

    record Remove(int bits) implements ModeChange {

        @Override
        public int apply(int mode, boolean searchable) {
            return mode & ~bits;
        }
    }

    /** {@code +X}: what only a directory or a program gets. */
    record AddIfSearchable(int bits) implements ModeChange {

        @Override
        public int apply(int mode, boolean searchable) {
            return searchable ? mode | bits : mode;
        }
    }

    /** {@code go=u}: the three bits of one class, added to, removed from or put in the place of those of others. */
    record Take(Class from, int into, Operator operator) implements ModeChange {

        @Override
        public int apply(int mode, boolean searchable) {
            int spread = ((mode >> from.shift) & 7) * 0111 & into;
            return switch (operator) {
                case ADD -> mode | spread;
                case REMOVE -> mode & ~spread;
                case SET -> mode & ~into | spread;
            };
        }
    }

    /** Whom permissions are for. */
    enum Class {
        USER(6), GROUP(3), OTHER(0);

        private final int shift;

        Class(int shift) {
            this.shift = shift;
        }

        /** The three bits of the class. */
        int bits() {
            return 7 << shift;
        }
    }

    /** {@code +}, {@code -} and {@code =}. */
    enum Operator {
        ADD, REMOVE, SET
    }
}
