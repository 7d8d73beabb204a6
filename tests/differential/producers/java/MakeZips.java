import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.lingala.zip4j.ZipFile;
import net.lingala.zip4j.model.ZipParameters;
import net.lingala.zip4j.model.enums.CompressionMethod;
import org.apache.commons.compress.archivers.zip.ParallelScatterZipCreator;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream.UnicodeExtraFieldPolicy;
import org.apache.tools.ant.Project;
import org.apache.tools.ant.taskdefs.Zip;
import org.apache.tools.ant.types.FileSet;
import org.apache.tools.ant.types.ZipFileSet;

/** Usage: MakeZips TREE OUT - makes archives of TREE with the JDK's classes and with libraries. */
public final class MakeZips {
    private final Path tree;
    private final Path out;
    private final Map<String, byte[]> files = new TreeMap<>();

    private MakeZips(Path tree, Path out) throws Exception {
        this.tree = tree;
        this.out = out;
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : (Iterable<Path>) paths.filter(Files::isRegularFile)::iterator) {
                files.put(tree.relativize(path).toString(), Files.readAllBytes(path));
            }
        }
    }

    private Path target(String name) {
        return out.resolve(name + ".zip");
    }

    private void jdk(String name, boolean stored) throws Exception {
        try (ZipOutputStream archive =
                new ZipOutputStream(Files.newOutputStream(target(name)))) {
            archive.putNextEntry(new ZipEntry("made/"));
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                ZipEntry entry = new ZipEntry(file.getKey());
                if (stored) {
                    CRC32 crc = new CRC32();
                    crc.update(file.getValue());
                    entry.setMethod(ZipEntry.STORED);
                    entry.setCrc(crc.getValue());
                    entry.setSize(file.getValue().length);
                }
                archive.putNextEntry(entry);
                archive.write(file.getValue());
                archive.closeEntry();
            }
        }
    }

    private void fileSystem(String name, Map<String, String> options) throws Exception {
        URI uri = URI.create("jar:" + target(name).toUri());
        try (FileSystem archive = FileSystems.newFileSystem(uri, options)) {
            Files.createDirectories(archive.getPath("made"));
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Path path = archive.getPath(file.getKey());
                if (path.getParent() != null) {
                    Files.createDirectories(path.getParent());
                }
                Files.write(path, file.getValue());
            }
        }
    }

    private void compress(String name, boolean seekable, Zip64Mode mode, boolean unicode, boolean stored)
            throws Exception {
        File file = target(name).toFile();
        try (ZipArchiveOutputStream archive = seekable
                ? new ZipArchiveOutputStream(file)
                : new ZipArchiveOutputStream((OutputStream) new FileOutputStream(file))) {
            archive.setUseZip64(mode);
            if (unicode) {
                archive.setCreateUnicodeExtraFields(UnicodeExtraFieldPolicy.ALWAYS);
            }
            archive.putArchiveEntry(new ZipArchiveEntry("made/"));
            archive.closeArchiveEntry();
            for (Map.Entry<String, byte[]> one : files.entrySet()) {
                ZipArchiveEntry entry = new ZipArchiveEntry(one.getKey());
                if (stored) {
                    CRC32 crc = new CRC32();
                    crc.update(one.getValue());
                    entry.setMethod(ZipEntry.STORED);
                    entry.setCrc(crc.getValue());
                    entry.setSize(one.getValue().length);
                }
                archive.putArchiveEntry(entry);
                archive.write(one.getValue());
                archive.closeArchiveEntry();
            }
        }
    }

    private void parallel(String name) throws Exception {
        ParallelScatterZipCreator creator = new ParallelScatterZipCreator();
        for (Map.Entry<String, byte[]> one : files.entrySet()) {
            ZipArchiveEntry entry = new ZipArchiveEntry(one.getKey());
            entry.setMethod(ZipEntry.DEFLATED);
            creator.addArchiveEntry(entry, () -> new ByteArrayInputStream(one.getValue()));
        }
        try (ZipArchiveOutputStream archive = new ZipArchiveOutputStream(target(name).toFile())) {
            creator.writeTo(archive);
        }
    }

    private void zip4j(String name, CompressionMethod method, String comment) throws Exception {
        try (ZipFile archive = new ZipFile(target(name).toFile())) {
            ZipParameters parameters = new ZipParameters();
            parameters.setCompressionMethod(method);
            archive.addFolder(tree.toFile(), parameters);
            parameters.setFileNameInZip("stream.txt");
            archive.addStream(new ByteArrayInputStream(new byte[100]), parameters);
            if (comment != null) {
                archive.setComment(comment);
            }
        }
    }

    private void zip4jStream(String name) throws Exception {
        try (net.lingala.zip4j.io.outputstream.ZipOutputStream archive =
                new net.lingala.zip4j.io.outputstream.ZipOutputStream(
                        Files.newOutputStream(target(name)))) {
            for (Map.Entry<String, byte[]> one : files.entrySet()) {
                ZipParameters parameters = new ZipParameters();
                parameters.setFileNameInZip(one.getKey());
                archive.putNextEntry(parameters);
                archive.write(one.getValue());
                archive.closeEntry();
            }
        }
    }

    private void ant(String name, java.util.function.Consumer<Zip> configure) {
        Project project = new Project();
        project.init();
        Zip task = new Zip();
        task.setProject(project);
        task.setDestFile(target(name).toFile());
        FileSet set = new FileSet();
        set.setProject(project);
        set.setDir(tree.toFile());
        task.addFileset(set);
        ZipFileSet again = new ZipFileSet();
        again.setProject(project);
        again.setDir(tree.toFile());
        again.setPrefix("again");
        task.addZipfileset(again);
        configure.accept(task);
        task.execute();
    }

    private void duplicates(Zip task) {
        ZipFileSet twice = new ZipFileSet();
        twice.setProject(task.getProject());
        twice.setDir(tree.toFile());
        task.addZipfileset(twice);
        Zip.Duplicate add = new Zip.Duplicate();
        add.setValue("add");
        task.setDuplicate(add);
    }

    private void zip64(Zip task) {
        Zip.Zip64ModeAttribute always = new Zip.Zip64ModeAttribute();
        always.setValue("always");
        task.setZip64Mode(always);
    }

    private void unicode(Zip task) {
        Zip.UnicodeExtraField field = new Zip.UnicodeExtraField();
        field.setValue("always");
        task.setCreateUnicodeExtraFields(field);
    }

    private void makeAll() throws Exception {
        jdk("Java", false);
        jdk("Java stored", true);
        fileSystem("Java file system", Map.of("create", "true"));
        fileSystem("Java file system stored", Map.of("create", "true", "compressionMethod", "STORED"));
        compress("commons-compress", true, Zip64Mode.AsNeeded, false, false);
        compress("commons-compress stored", true, Zip64Mode.AsNeeded, false, true);
        compress("commons-compress streamed", false, Zip64Mode.AsNeeded, false, false);
        compress("commons-compress streamed stored", false, Zip64Mode.AsNeeded, false, true);
        compress("commons-compress no zip64", true, Zip64Mode.Never, false, false);
        compress("commons-compress zip64", true, Zip64Mode.Always, false, false);
        compress("commons-compress zip64 compatible", true, Zip64Mode.AlwaysWithCompatibility, false, false);
        compress("commons-compress zip64 streamed", false, Zip64Mode.Always, false, false);
        compress("commons-compress zip64 stored", true, Zip64Mode.Always, false, true);
        compress("commons-compress unicode", true, Zip64Mode.AsNeeded, true, false);
        parallel("commons-compress parallel");
        zip4j("zip4j", CompressionMethod.DEFLATE, null);
        zip4j("zip4j stored", CompressionMethod.STORE, null);
        zip4j("zip4j comment", CompressionMethod.DEFLATE, "a comment");
        zip4jStream("zip4j streamed");
        ant("Ant", task -> { });
        ant("Ant stored", task -> task.setCompress(false));
        ant("Ant duplicates", this::duplicates);
        ant("Ant zip64", this::zip64);
        ant("Ant unicode", this::unicode);
        ant("Ant cp437", task -> task.setEncoding("Cp437"));
        ant("Ant comment", task -> task.setComment("a comment"));
    }

    public static void main(String[] arguments) throws Exception {
        new MakeZips(Path.of(arguments[0]), Path.of(arguments[1])).makeAll();
    }
}
