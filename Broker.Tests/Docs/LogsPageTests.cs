using System.Reflection;
using ClawEvents.Broker.Queues;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.Extensions.Logging;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The page about logs lists the events that the broker can log.</summary>
internal sealed class LogsPageTests
{
    private const string Marker = "<!-- CLAW_UPDATE_DOCS=1 writes the table again (LogsPageTests) -->\n";
    private const string Root = "ClawEvents.Broker";

    private static readonly string Page = Path.Combine(RunningProcess.SolutionFolder, "docs/reference/logs.md");

    [Test]
    public void The_page_lists_every_event_with_its_level()
    {
        var written = File.ReadAllText(Page);
        WrittenPage.Check(Page, $"{written.Split(Marker)[0]}{Marker}\n{string.Join('\n', Rows())}\n");
    }

    [Test]
    public void No_event_of_one_class_has_the_number_of_another() => Assert.That(
        Events().GroupBy(one => (one.Method.DeclaringType, one.Event.EventId)).Where(group => group.Count() > 1).Select(group => group.Key), Is.Empty);

    [Test]
    public void Only_errors_have_a_stack_trace() => Assert.That(
        Events().Where(one => HasException(one.Method) && one.Event.Level is not LogLevel.Error).Select(one => one.Event.Message), Is.Empty);

    private static IEnumerable<string> Rows() =>
    [
        "| Room | Level | Event |", "|---|---|---|",
        .. from one in Events()
           let room = RoomOf(one.Method.DeclaringType!)
           orderby room, -(int)one.Event.Level, one.Event.Message
           select $"| {room} | {LevelOf(one.Event)} | {one.Event.Message.Replace("|", "\\|", StringComparison.Ordinal)} |",
    ];

    private static IEnumerable<(MethodInfo Method, LoggerMessageAttribute Event)> Events() =>
        from assembly in new[] { typeof(BrokerApplication).Assembly, typeof(QueueKinds).Assembly }
        from type in assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        let message = method.GetCustomAttribute<LoggerMessageAttribute>()
        where message is not null
        select (method, message);

    // The part of the category behind the root; what stands at the root is the program itself.
    private static string RoomOf(Type type) => type.Namespace is { Length: > 0 } name && name.Length > Root.Length ? name[(Root.Length + 1)..] : "the program";

    private static string LevelOf(LoggerMessageAttribute message) => message.Level is LogLevel.None ? "Debug or Information" : $"{message.Level}";

    private static bool HasException(MethodInfo method) => method.GetParameters().Any(parameter => parameter.ParameterType == typeof(Exception));
}
