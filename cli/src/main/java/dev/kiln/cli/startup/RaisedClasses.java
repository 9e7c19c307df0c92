package dev.kiln.cli.startup;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Gives the classes of a jar that were compiled for Java before 6 the stack maps of newer ones, and changes nothing else of
 * what they do. The JVM keeps only classes with stack maps in its archive; those without it reads, and verifies in its old
 * way, each time a command starts. The launcher does this before the rehearsal. The jar stays as it is when anything about
 * the result is not right.
 */
public final class RaisedClasses {
    /** The first version for which there are no exceptions to stack maps any more is 51; this one is Java 8's. */
    private static final int RAISED = ClassFile.JAVA_8_VERSION;

    private RaisedClasses() {}

    public static void main(String[] args) throws IOException {
        Path jar = Path.of(args[0]);
        Path raised = jar.resolveSibling(jar.getFileName() + ".raised");
        try {
            write(jar, raised);
            Files.move(raised, jar, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(raised);
        }
    }

    /** @throws IOException naming the class, when one could not be raised */
    static void write(Path jar, Path raised) throws IOException {
        try (JarFile from = new JarFile(jar.toFile());
                JarOutputStream to = new JarOutputStream(Files.newOutputStream(raised))) {
            ClassFile classes = ClassFile.of(ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                    ClassFile.ClassHierarchyResolverOption.of(hierarchy(from)));
            for (JarEntry entry : entries(from)) {
                byte[] bytes = read(from, entry);
                to.putNextEntry(new JarEntry(entry.getName()));
                to.write(entry.getName().endsWith(".class") ? raise(classes, bytes, entry.getName()) : bytes);
                to.closeEntry();
            }
        }
    }

    private static List<JarEntry> entries(JarFile jar) {
        List<JarEntry> entries = new ArrayList<>();
        jar.stream().filter(entry -> !entry.isDirectory()).forEach(entries::add);
        return entries;
    }

    private static byte[] read(JarFile jar, JarEntry entry) throws IOException {
        try (InputStream in = jar.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    private static byte[] raise(ClassFile classes, byte[] bytes, String name) throws IOException {
        ClassModel old = classes.parse(bytes);
        if (old.majorVersion() >= ClassFile.JAVA_6_VERSION) {
            return bytes;
        }
        ClassTransform version = (builder, element) -> {
            if (element instanceof ClassFileVersion) {
                builder.withVersion(RAISED, 0);
            } else {
                builder.with(element);
            }
        };
        byte[] raised = classes.transformClass(old,
                ClassTransform.transformingMethodBodies((code, element) -> code.with(element)).andThen(version));
        List<VerifyError> problems = classes.verify(raised);
        if (!problems.isEmpty()) {
            throw new IOException("raising " + name + ": " + problems.getFirst().getMessage());
        }
        return raised;
    }

    /** What the classes of the jar and of the JDK derive from. */
    private static ClassHierarchyResolver hierarchy(JarFile jar) {
        return ClassHierarchyResolver.ofResourceParsing(type -> {
            String name = type.descriptorString().replaceFirst("^L(.*);$", "$1.class");
            JarEntry entry = jar.getJarEntry(name);
            try {
                return entry == null ? null : jar.getInputStream(entry);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }).orElse(ClassHierarchyResolver.defaultResolver());
    }
}
