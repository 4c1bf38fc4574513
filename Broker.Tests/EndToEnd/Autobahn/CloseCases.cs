using ClawEvents.Broker.Tests.Support.Clients;
using static ClawEvents.Broker.Tests.EndToEnd.Autobahn.AutobahnBytes;

namespace ClawEvents.Broker.Tests.EndToEnd.Autobahn;

/// <summary>Category 7: close frames. The broker ends the stream after each of them.</summary>
internal static class CloseCases
{
    private static readonly int[] Valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
    private static readonly int[] Invalid = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];

    public static IEnumerable<AutobahnCase> All() =>
    [
        .. Behaviour(),
        .. Payloads(),
        .. Valid.Index().Select(code => new AutobahnCase($"7.7.{code.Index + 1}", $"a close with {code.Item}", () => [RunningFrame.Closing(code.Item)], $"close {code.Item}")),
        .. Invalid.Index().Select(code => new AutobahnCase($"7.9.{code.Index + 1}", $"a close with {code.Item}", () => [RunningFrame.Closing(code.Item)], "close 1002")),
        new("7.13.1", "a close with 5000", () => [RunningFrame.Closing(5000)], "close 1002"),
        new("7.13.2", "a close with 65535", () => [RunningFrame.Closing(65535)], "close 1002"),
    ];

    private static IEnumerable<AutobahnCase> Behaviour()
    {
        var close = RunningFrame.Closing(1000);
        byte[][] two = [.. Fragments(Command(), 20)];
        yield return new("7.1.1", "a text, a close", () => [TextFrame(Command()), close], "reply 2", "close 1000");
        yield return new("7.1.2", "two closes", () => Once(close, close), "close 1000");
        yield return new("7.1.3", "a close, a ping", () => Once(close, Ping([])), "close 1000");
        yield return new("7.1.4", "a close, a text", () => Once(close, TextFrame(Command())), "close 1000");
        yield return new("7.1.5", "a fragment, a close, the last fragment", () => Once(two[0], close, two[1]), "close 1000");
        yield return new("7.1.6", "a text of 256 KiB, a close, a ping", () => Once(TextFrame(Command(2, 256 * 1024)), close, Ping([])), "reply 2", "close 1000");
    }

    private static IEnumerable<AutobahnCase> Payloads()
    {
        yield return new("7.3.1", "a close without payload", () => [RunningFrame.Masked(RunningFrame.Close, [])], "close 1000");
        yield return new("7.3.2", "a close of one byte", () => [RunningFrame.Masked(RunningFrame.Close, [0x03])], "close 1002");
        yield return new("7.3.3", "a close with a code", () => [RunningFrame.Closing(1000)], "close 1000");
        yield return new("7.3.4", "a close with a code and a reason", () => [RunningFrame.Closing(1000, "Hello World!")], "close 1000");
        yield return new("7.3.5", "a close with a reason of 123 bytes", () => [RunningFrame.Closing(1000, new string('*', 123))], "close 1000");
        yield return new("7.3.6", "a close with a reason of 124 bytes", () => [RunningFrame.Closing(1000, new string('*', 124))], "close 1002");
        yield return new("7.5.1", "a close whose reason is not UTF-8", () => [RunningFrame.Masked(RunningFrame.Close, [0x03, 0xE8, .. Convert.FromHexString("CEBAE1BDB9CF83CEBCCEB5EDA080656469746564")])], "close 1007");
    }
}
