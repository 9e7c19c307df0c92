package dev.kiln.executor.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The smallest ELF programs (System V ABI, "Object Files") of processors that images are for: each ends with exit code 0 and
 * does nothing else. Whether one runs tells whether this machine can run the programs of its processor.
 */
final class TinyPrograms {
    private static final int PAGE = 0x10000;
    private static final long ADDRESS = 0x400000;
    private static final int EXECUTABLE = 2;
    private static final int LOADED = 1;
    private static final int READ_AND_EXECUTE = 5;

    /**
     * @param machine of the ELF header
     * @param flags of the ELF header
     * @param code that calls {@code exit(0)}, in hexadecimal
     */
    private record Processor(boolean wide, boolean bigEndian, int machine, int flags, String code) {}

    private static final Map<String, Processor> PROCESSORS = Map.of(
            "amd64", new Processor(true, false, 62, 0, "31ffb83c0000000f05"),
            "386", new Processor(false, false, 3, 0, "31dbb801000000cd80"),
            "arm64", new Processor(true, false, 183, 0, "000080d2a80b80d2010000d4"),
            "arm", new Processor(false, false, 40, 0x05000000, "0000a0e30170a0e3000000ef"),
            "riscv64", new Processor(true, false, 243, 0, "130500009308d00573000000"),
            "ppc64le", new Processor(true, false, 21, 2, "010000380000603802000044"),
            "s390x", new Processor(true, true, 22, 0, "a72900000a01"),
            "mips64le", new Processor(true, false, 8, 0x80000007, "00000424c21302240c000000"),
            "loong64", new Processor(true, false, 258, 0x43, "040080020b74810200002b00"));

    private TinyPrograms() {}

    /** All that there are programs for, sorted. */
    static List<String> architectures() {
        return PROCESSORS.keySet().stream().sorted().toList();
    }

    /** The file's bytes; empty for a processor that is not known. */
    static Optional<byte[]> of(String architecture) {
        return Optional.ofNullable(PROCESSORS.get(architecture)).map(TinyPrograms::elf);
    }

    private static byte[] elf(Processor processor) {
        byte[] code = HexFormat.of().parseHex(processor.code());
        int header = processor.wide() ? 64 : 52;
        int segment = processor.wide() ? 56 : 32;
        int size = header + segment + code.length;
        ByteBuffer file = ByteBuffer.allocate(size)
            .order(processor.bigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        file.put(new byte[]{0x7f, 'E', 'L', 'F', (byte) (processor.wide() ? 2 : 1),
            (byte) (processor.bigEndian() ? 2 : 1), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        file.putShort((short) EXECUTABLE).putShort((short) processor.machine()).putInt(1);
        word(file, processor, ADDRESS + header + segment);
        word(file, processor, header);
        word(file, processor, 0);
        file.putInt(processor.flags());
        file.putShort((short) header).putShort((short) segment).putShort((short) 1);
        file.putShort((short) 0).putShort((short) 0).putShort((short) 0);
        segment(file, processor, size);
        return file.put(code).array();
    }

    /** One segment: the whole file. */
    private static void segment(ByteBuffer file, Processor processor, int size) {
        file.putInt(LOADED);
        if (processor.wide()) {
            file.putInt(READ_AND_EXECUTE);
        }
        word(file, processor, 0);
        word(file, processor, ADDRESS);
        word(file, processor, ADDRESS);
        word(file, processor, size);
        word(file, processor, size);
        if (!processor.wide()) {
            file.putInt(READ_AND_EXECUTE);
        }
        word(file, processor, PAGE);
    }

    private static void word(ByteBuffer file, Processor processor, long value) {
        if (processor.wide()) {
            file.putLong(value);
        } else {
            file.putInt((int) value);
        }
    }
}
