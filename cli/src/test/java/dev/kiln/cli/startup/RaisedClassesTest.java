package dev.kiln.cli.startup;

import java.lang.classfile.ClassFile;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.jar.JarFile;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

class RaisedClassesTest {
    @TempDir
    Path folder;

    @Test
    void write_libraryOfOldClasses_isTheSameWithStackMaps() throws Exception {
        Path library = Path.of(CommandLine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Path raised = folder.resolve("raised.jar");
        RaisedClasses.write(library, raised);

        try (JarFile before = new JarFile(library.toFile()); JarFile after = new JarFile(raised.toFile())) {
            assertThat(after.stream().map(Object::toString))
                .containsExactlyElementsOf(
                        before.stream().filter(e -> !e.isDirectory()).map(Object::toString).toList());
            byte[] main = after.getInputStream(after.getJarEntry("picocli/CommandLine.class")).readAllBytes();
            assertThat(ClassFile.of().parse(main).majorVersion()).isEqualTo(ClassFile.JAVA_8_VERSION);
        }
        try (URLClassLoader loader = new URLClassLoader(new URL[]{raised.toUri().toURL()},
                ClassLoader.getPlatformClassLoader())) {
            // Initializing a class has the JVM itself verify it.
            try (JarFile after = new JarFile(raised.toFile())) {
                for (String name : after.stream()
                    .map(Object::toString)
                    .filter(n -> n.matches("picocli/CommandLine(\\$[A-Za-z]+)*\\.class"))
                    .toList()) {
                    assertThat(Class.forName(name.replaceFirst("\\.class$", "").replace('/', '.'), true, loader))
                        .isNotNull();
                }
            }
        }
    }
}
