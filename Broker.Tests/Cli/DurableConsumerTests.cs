using System.Runtime.Versioning;
using ClawEvents.Broker.Tests.Support;
using ClawEvents.Cli.Streams;
using ClawEvents.Cli.Streams.Durable;

namespace ClawEvents.Broker.Tests.Cli;

/// <summary>The file of a durable consumer: private, owned by one process, and bound to a server.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class DurableConsumerTests : IDisposable
{
    private const string Server = "ws://localhost/";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public void It_continues_where_it_was()
    {
        using (var consumer = Open())
        {
            Begin(consumer, "c", new StreamPosition("e", 7));
            Assert.That(consumer.Receive(Place("c", "e", 8)), Is.True);
            consumer.MarkDone([Place("c", "e", 8)]);
            consumer.Save();
        }

        using var again = Open();
        Assert.That((again.StartOf("c"), again.StartOf("d")), Is.EqualTo(((StartPlace?)new StartPlace(new StreamPosition("e", 8)), (StartPlace?)null)));
    }

    [Test]
    public void A_new_channel_is_on_disk_before_its_first_message()
    {
        using (var consumer = Open())
        {
            Begin(consumer, "c", new StreamPosition("e", 7));
        }

        using var again = Open();
        Assert.That(again.StartOf("c"), Is.EqualTo(new StartPlace(new StreamPosition("e", 7))));
    }

    [Test]
    public void Another_history_begins_with_a_new_cursor_and_what_was_under_way_no_longer_counts()
    {
        using var consumer = Open();
        Begin(consumer, "c", new StreamPosition("e", 7));
        consumer.Receive(Place("c", "e", 8));
        Begin(consumer, "c", new StreamPosition("f", 0));
        consumer.MarkDone([Place("c", "e", 8)]);

        Assert.That(consumer.StartOf("c"), Is.EqualTo(new StartPlace(new StreamPosition("f", 0))));
        Assert.That((consumer.ComesAgain(Place("c", "e", 8)), consumer.ComesAgain(Place("c", "f", 1))), Is.EqualTo((false, true)));
    }

    [Test]
    public void One_process_at_a_time_uses_it()
    {
        using (Open())
        {
            Assert.That(Refusal(Server), Is.EqualTo("The durable consumer mailer is in use by another process"));
        }

        using var after = Open();
    }

    [Test]
    public void It_belongs_to_one_server()
    {
        using (var consumer = Open())
        {
            Begin(consumer, "c", new StreamPosition("e", 7));
        }

        Assert.That(Refusal("ws://elsewhere/"), Is.EqualTo("The durable consumer belongs to another server: ws://localhost/"));
    }

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("""{"server":"ws://localhost/","channels":{"c":{"epoch":"e"}}}""")]
    public void A_file_that_cannot_be_read_is_not_overwritten(string content)
    {
        var file = Path.Combine(_folder.Path, "mailer.json");
        File.WriteAllText(file, content);

        Assert.That(Refusal(Server), Does.StartWith("The durable consumer's file cannot be read: "));
        Assert.That(File.ReadAllText(file), Is.EqualTo(content));
    }

    [TestCase("")]
    [TestCase("../x")]
    [TestCase("a b")]
    public void A_name_that_is_no_file_s_is_refused(string name) =>
        Assert.That(DurableConsumer.Open(_folder.Path, name, Server).Failure!.Error, Is.EqualTo($"Invalid --durable name: {name}"));

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public void Nobody_else_can_read_its_files()
    {
        var folder = Path.Combine(_folder.Path, "durable");
        using (var consumer = DurableConsumer.Open(folder, "mailer", Server).Consumer!)
        {
            Begin(consumer, "c", new StreamPosition("e", 7));
        }

        const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.That(Directory.EnumerateFiles(folder).Select(File.GetUnixFileMode), Is.EqualTo([OwnersFile, OwnersFile]));
        Assert.That(File.GetUnixFileMode(folder), Is.EqualTo(OwnersFile | UnixFileMode.UserExecute));
    }

    private DurableConsumer Open() => DurableConsumer.Open(_folder.Path, "mailer", Server).Consumer!;

    private string Refusal(string server)
    {
        var (consumer, failure) = DurableConsumer.Open(_folder.Path, "mailer", server);
        Assert.That(consumer, Is.Null);
        return failure!.Error;
    }

    private static void Begin(DurableConsumer consumer, string channel, StreamPosition position) =>
        consumer.Begin(new Subscription(channel, new StartPlace(position)));

    private static MessagePlace Place(string channel, string epoch, ulong offset) => new(channel, new StreamPosition(epoch, offset));
}
