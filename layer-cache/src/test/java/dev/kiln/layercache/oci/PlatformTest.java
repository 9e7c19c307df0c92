package dev.kiln.layercache.oci;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PlatformTest {

    @ParameterizedTest
    @CsvSource({"linux/amd64, linux/amd64", "Linux/AMD64, linux/amd64", "linux/x86_64, linux/amd64",
        "linux/aarch64, linux/arm64", "linux/arm64/v8, linux/arm64", "linux/arm, linux/arm/v7",
        "linux/arm/v6, linux/arm/v6", "linux/armhf, linux/arm/v7", "linux/armel, linux/arm/v6",
        "linux/amd64/v1, linux/amd64", "linux/amd64/v3, linux/amd64/v3", "linux/riscv64, linux/riscv64",
        "windows/amd64, windows/amd64", "linux/i386, linux/386",
        "windows(10.0.20348)/amd64, windows(10.0.20348)/amd64"})
    void parse_anySpelling_usualSpelling(String text, String expected) {
        assertThat(Platform.parse(text)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "linux", "/", "linux/", "/amd64", "linux/amd64/", "linux/amd64/v1/x", "linux/amd 64",
        "linux/am\"d64", "windows(/amd64", "windows()/amd64", "windows(1)2/amd64", "windows(a b)/amd64"})
    void parse_invalid_refused(String text) {
        assertThatThrownBy(() -> Platform.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({"linux/amd64, linux/amd64, true", "linux/amd64, linux/amd64/v3, true",
        "linux/amd64/v3, linux/amd64, false", "linux/arm/v6, linux/arm/v7, true",
        "linux/arm/v7, linux/arm/v6, false", "linux/arm64, linux/arm64/v8, true", "linux/arm64, linux/amd64, false",
        "windows/amd64, linux/amd64, false", "linux/arm/v7, linux/arm64, true", "linux/386, linux/amd64, true",
        "linux/amd64, linux/386, false", "linux/arm64, linux/arm64/v9.1, true",
        "linux/arm64/v8.7, linux/arm64/v9.1, false", "linux/arm64/v8.6, linux/arm64/v9.1, true",
        "windows(10.0.20348.1)/amd64, windows/amd64, true", "windows/amd64, windows(10.0.20348)/amd64, false",
        "windows(10.0.20348.1)/amd64, windows(10.0.20348.9)/amd64, true",
        "windows(10.0.17763.1)/amd64, windows(10.0.20348)/amd64, false"})
    void serves_variantNotNewer(String image, String machine, boolean runs) {
        assertThat(Platform.parse(image).serves(Platform.parse(machine))).isEqualTo(runs);
    }

    @Test
    void constructor_keepsTheSpellingGiven() {
        assertThat(new Platform("linux", "arm64", Optional.of("v8"))).hasToString("linux/arm64/v8");
    }

    @Test
    void select_severalRun_bestVariantFirstOfEquals() {
        ImageIndex index = ImageIndex.of(List.of(entry("unknown/unknown", 1), entry("linux/arm/v5", 2),
                entry("linux/arm/v7", 3), entry("linux/arm/v7", 4), entry("linux/amd64", 5)));

        assertThat(index.select(Platform.parse("linux/arm/v7"))).map(Descriptor::size).contains(3L);
        assertThat(index.select(Platform.parse("linux/arm/v6"))).map(Descriptor::size).contains(2L);
        assertThat(index.select(Platform.parse("linux/s390x"))).isEmpty();
        assertThat(index.platforms()).extracting(Platform::toString)
            .containsExactly("linux/arm/v5", "linux/arm/v7", "linux/amd64");
    }

    @Test
    void select_otherProcessorsPrograms_onlyWhenThereIsNothingBetter() {
        ImageIndex index = ImageIndex.of(List.of(entry("linux/386", 1), entry("linux/amd64", 2),
                entry("linux/amd64/v3", 3), entry("linux/arm/v7", 4)));

        assertThat(index.select(Platform.parse("linux/amd64"))).map(Descriptor::size).contains(2L);
        assertThat(index.select(Platform.parse("linux/amd64/v4"))).map(Descriptor::size).contains(3L);
        assertThat(index.select(Platform.parse("linux/arm64"))).map(Descriptor::size).contains(4L);
        assertThat(ImageIndex.of(List.of(entry("linux/386", 1), entry("linux/arm64", 2)))
            .select(Platform.parse("linux/amd64"))).map(Descriptor::size).contains(1L);
    }

    @Test
    void parseList_eachOnceInOrder() {
        assertThat(Platform.list(Platform.parseList("linux/arm64, linux/amd64,linux/aarch64")))
            .isEqualTo("linux/arm64,linux/amd64");
        assertThatThrownBy(() -> Platform.parseList("linux/arm64,")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void select_singleEntryWithoutPlatform_isIt() {
        Descriptor only = Descriptor.of(MediaTypes.OCI_MANIFEST, new byte[3]);

        assertThat(ImageIndex.of(List.of(only)).select(Platform.host())).contains(only);
    }

    private static Descriptor entry(String platform, long size) {
        return new Descriptor(MediaTypes.OCI_MANIFEST, Digest.sha256(new byte[0]), size, Map.of(),
                Optional.of(Platform.parse(platform)), Optional.empty());
    }
}
