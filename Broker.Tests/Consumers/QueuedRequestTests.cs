using System.Text;
using ClawEvents.Broker.Channels;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Consumers;

namespace ClawEvents.Broker.Tests.Consumers;

/// <summary>What messages ask for.</summary>
internal sealed class QueuedRequestTests
{
    private static readonly MessageForm Publications = new() { IsPublication = true };

    [Test]
    public void A_command_has_its_method_in_a_header()
    {
        var problem = Read(new MessageForm { Method = "m" }, out var request, ("m", "publish"), ("centrifugo-channels", "a"));

        Assert.That((problem, request.Method, request.Channels), Is.EqualTo(((string?)null, "publish", (IReadOnlyList<string>?)null)));
    }

    [Test]
    public void A_publication_has_its_options_in_headers()
    {
        var problem = Read(
            Publications,
            out var request,
            ("centrifugo-channels", "a, b,,"), ("centrifugo-delta", "T"), ("centrifugo-idempotency-key", "k"), ("centrifugo-version", "18446744073709551615"), ("centrifugo-version-epoch", "e"), ("centrifugo-tag-x", "y"));

        Assert.That(problem, Is.Null);
        Assert.That(request.Channels, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(request.Options, Is.EqualTo(new PublishOptions { Delta = true, IdempotencyKey = "k", Version = ulong.MaxValue, VersionEpoch = "e" }));
        Assert.That(request.Tags, Is.EqualTo(new Dictionary<string, string> { ["x"] = "y" }));
    }

    [TestCase("centrifugo-channels", ",", "centrifugo-channels names no channel")]
    [TestCase("centrifugo-delta", "yes", "centrifugo-delta is neither true nor false")]
    [TestCase("centrifugo-version", "-1", "centrifugo-version is not a whole number")]
    public void A_header_that_says_nothing_is_a_problem(string name, string value, string problem) =>
        Assert.That(Read(Publications, out _, ("centrifugo-channels", "a"), (name, value)), Is.EqualTo(problem));

    [Test]
    public void Without_names_of_headers_there_are_no_options()
    {
        var form = new MessageForm { IsPublication = true, Channels = "c", Delta = "", IdempotencyKey = "", Version = "", VersionEpoch = "", TagPrefix = "" };
        var problem = Read(form, out var request, ("c", "a"), ("", "x"), ("centrifugo-delta", "nonsense"));

        Assert.That((problem, request.Options, request.Tags), Is.EqualTo(((string?)null, new PublishOptions(), (IReadOnlyDictionary<string, string>?)null)));
    }

    [Test]
    public void A_wait_doubles_up_to_its_limit_and_is_spread()
    {
        Assert.That(Enumerable.Range(1, 4).Select(failures => ConsumerBackoff.After(failures, 1).TotalMilliseconds), Is.EqualTo(new[] { 20, 40, 80, 160 }));
        Assert.That(ConsumerBackoff.After(int.MaxValue, 1), Is.EqualTo(ConsumerBackoff.Longest));
        Assert.That(ConsumerBackoff.After(int.MaxValue, 0), Is.EqualTo(ConsumerBackoff.Longest / 2));
    }

    private static string? Read(MessageForm form, out QueuedRequest request, params (string Name, string Value)[] headers)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in headers)
        {
            all[name] = value;
        }

        return QueuedRequest.TryRead(form, new QueuedMessage("place", all, Encoding.UTF8.GetBytes("{}")), out request);
    }
}
