using System.Runtime.Versioning;
using ClawEvents.Broker.Identity.Tokens;

namespace ClawEvents.Broker.Tests.Identity.Tokens;

internal sealed class SigningSecretTests : IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("clawevents-secret-").FullName;

    private string Folder => Path.Combine(_parent, "data");

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public void Only_the_owner_may_use_the_file_and_its_folder()
    {
        SigningSecret.OfFolder(Folder);

        var file = Directory.GetFiles(Folder).Single();
        const UnixFileMode ownerReadsAndWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.That(File.GetUnixFileMode(file), Is.EqualTo(ownerReadsAndWrites));
        Assert.That(File.GetUnixFileMode(Folder), Is.EqualTo(ownerReadsAndWrites | UnixFileMode.UserExecute));
    }

    [Test]
    public void The_secret_is_kept_across_starts()
    {
        var first = SigningSecret.OfFolder(Folder);

        var second = SigningSecret.OfFolder(Folder);

        Assert.That(second.Key.Key, Is.EqualTo(first.Key.Key));
    }

    [Test]
    public void Two_folders_have_different_secrets_of_enough_bytes()
    {
        var one = SigningSecret.OfFolder(Folder);
        var other = SigningSecret.OfFolder(Path.Combine(_parent, "other"));

        Assert.That(other.Key.Key, Is.Not.EqualTo(one.Key.Key));
        Assert.That(one.Key.Key, Has.Length.GreaterThanOrEqualTo(SigningSecret.MinBytes));
    }

    [TestCase("")]
    [TestCase("short")]
    [TestCase("   \n\n                                                     ")]
    public void A_damaged_file_is_rejected_and_left_unchanged(string content)
    {
        SigningSecret.OfFolder(Folder);
        var file = Directory.GetFiles(Folder).Single();
        File.WriteAllText(file, content);

        Assert.That(() => SigningSecret.OfFolder(Folder), Throws.InstanceOf<IOException>().With.Message.Contains(file));
        Assert.That(File.ReadAllText(file), Is.EqualTo(content));
    }

    [Test]
    public void An_operators_own_file_counts_without_its_last_line_break()
    {
        const string secret = "0123456789abcdef0123456789abcdef";
        SigningSecret.OfFolder(Folder);
        File.WriteAllText(Directory.GetFiles(Folder).Single(), secret + "\n");

        Assert.That(SigningSecret.OfFolder(Folder).Key.Key, Is.EqualTo(new SigningSecret(secret).Key.Key));
    }

    [Test]
    public void Brokers_that_start_simultaneously_agree_on_one_secret_and_leave_no_other_file()
    {
        // Many rounds, as the critical moment is short.
        for (var round = 0; round < 200; round++)
        {
            var folder = Path.Combine(_parent, $"{round}");

            var secrets = StartSimultaneously(folder, brokers: 4);

            Assert.That(secrets.Distinct().Count(), Is.EqualTo(1), $"secrets in round {round}");
            Assert.That(Directory.GetFileSystemEntries(folder), Has.Length.EqualTo(1));
        }
    }

    [Test]
    public void A_folder_that_cannot_be_made_is_an_IO_error()
    {
        var file = Path.Combine(_parent, "file");
        File.WriteAllText(file, "");

        Assert.That(() => SigningSecret.OfFolder(Path.Combine(file, "data")), Throws.InstanceOf<IOException>());
    }

    private static string[] StartSimultaneously(string folder, int brokers)
    {
        using var start = new Barrier(brokers);
        var secrets = new string[brokers];
        var threads = Enumerable.Range(0, brokers).Select(i => new Thread(() =>
        {
            start.SignalAndWait();
            secrets[i] = Convert.ToHexString(SigningSecret.OfFolder(folder).Key.Key);
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return secrets;
    }
}
