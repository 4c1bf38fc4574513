using System.Text.RegularExpressions;
using ClawEvents.Broker.Tests.Support.Servers;

namespace ClawEvents.Broker.Tests.Docs;

/// <summary>The floors of the house: code knows its own room and the floors below it, never a room on its own floor or above. docs/contributing/architecture.md</summary>
/// <remarks>
/// It reads the source of Broker as text: <c>using</c> lines, names qualified with a room, and names of types that stand at the root. What the root holds
/// (the program, how it is put together) may know every room, and no room may know it. A <c>Program.cs</c> in a room belongs to the root.
/// </remarks>
internal sealed partial class RoomsTests
{
    // From the bottom. A room that is not in this table fails the test: it gets its floor before its code.
    private static readonly string[][] Floors =
    [
        ["Text", "Clock", "Faults", "Files", "Http", "Limits", "McpTools", "Schemas"],
        ["Channels", "Redis"],
        ["Protocol", "Identity", "Telemetry", "Transport"],
        ["Engine", "Frames", "State", "Proxies", "Administration", "Acme"],
        ["Hub", "Maps", "Permissions", "Configuration"],
        ["Connections", "Publishing", "SharedPolls"],
        ["Commands", "Cluster", "Revocations", "Timers", "Webhooks", "Doctor"],
        ["Api", "Transports", "Web"],
        ["Nodes", "Mcp", "Grpc", "Consumers"],
        ["Queues"],
    ];

    private const string Program = "Program.cs";

    private static readonly string Root = Path.Combine(RunningProcess.SolutionFolder, "Broker");

    private static readonly Dictionary<string, int> FloorOf =
        Floors.SelectMany((rooms, floor) => rooms.Select(room => (room, floor))).ToDictionary(pair => pair.room, pair => pair.floor, StringComparer.Ordinal);

    private static readonly IReadOnlyList<string> Sources =
        [.. Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories).Where(path => !IsBuilt(path)).Order(StringComparer.Ordinal)];

    [Test]
    public void Every_folder_of_the_broker_is_a_room_with_a_floor()
    {
        var folders = Sources.Select(RoomOf).OfType<string>().Distinct(StringComparer.Ordinal);

        Assert.That(folders, Is.SubsetOf(FloorOf.Keys));
    }

    [Test]
    public void Every_namespace_is_that_of_its_folder()
    {
        var strays = Sources
            .Where(path => NamespaceOf(path) != NamespaceFor(path))
            .Select(path => Path.GetRelativePath(Root, path))
            .Where(path => Path.GetFileName(path) != Program);

        Assert.That(strays, Is.Empty);
    }

    [Test]
    public void Code_knows_its_own_room_and_the_floors_below_it()
    {
        var breaches = Sources.SelectMany(path => BreachesIn(path, File.ReadLines(path)));

        Assert.That(breaches, Is.Empty);
    }

    [TestCase("Hub/A.cs", "using ClawEvents.Broker.Connections;", ExpectedResult = "Hub/A.cs(1): Connections")]
    [TestCase("Hub/A.cs", "using ClawEvents.Broker.Cluster.Bus;", ExpectedResult = "Hub/A.cs(1): Cluster")]
    [TestCase("Hub/A.cs", "using ClawEvents.Broker.Permissions;", ExpectedResult = "Hub/A.cs(1): Permissions")]
    [TestCase("State/Redis/A.cs", "var hub = new Broker.Hub.ChannelHub();", ExpectedResult = "State/Redis/A.cs(1): Hub")]
    [TestCase("State/Redis/A.cs", "/// <exception cref=\"Connections.ClientConnection\">", ExpectedResult = "State/Redis/A.cs(1): Connections")]
    [TestCase("Api/A.cs", "Startup.Announce();", ExpectedResult = "Api/A.cs(1): Startup")]
    [TestCase("Consumers/A.cs", "using ClawEvents.Broker.Queues.Kafka;", ExpectedResult = "Consumers/A.cs(1): Queues")]
    [TestCase("Queues/Kafka/A.cs", "Startup.Announce();", ExpectedResult = "Queues/Kafka/A.cs(1): Startup")]
    [TestCase("Queues/Program.cs", "Startup.Announce();", ExpectedResult = "")]
    [TestCase("Hub/A.cs", "using ClawEvents.Broker.Engine;", ExpectedResult = "")]
    [TestCase("Hub/A.cs", "using ClawEvents.Broker.Hub;", ExpectedResult = "")]
    [TestCase("A.cs", "using ClawEvents.Broker.Nodes;", ExpectedResult = "")]
    public string A_line_that_knows_too_much_is_found(string path, string line) => string.Join(' ', BreachesIn(Path.Combine(Root, path), [line]));

    private static IEnumerable<string> BreachesIn(string path, IEnumerable<string> lines) =>
        RoomOf(path) is not { } room
            ? []
            : from line in lines.Select((text, index) => (text, number: index + 1))
              from name in NamesIn(line.text)
              where name != room && !IsBelow(name, room)
              select $"{Path.GetRelativePath(Root, path)}({line.number}): {name}";

    private static bool IsBelow(string name, string room) => FloorOf.TryGetValue(name, out var floor) && floor < FloorOf[room];

    // Rooms and types of the root that a line names.
    private static IEnumerable<string> NamesIn(string line)
    {
        var rooms = Using().Match(line) is { Success: true } imported
            ? [imported.Groups["room"].Value]
            : Qualified().Matches(line).Select(match => match.Groups["room"].Value).Where(FloorOf.ContainsKey);
        return rooms.Concat(Words().Matches(line).Select(match => match.Value).Where(RootTypes.Value.Contains)).Distinct(StringComparer.Ordinal);
    }

    private static readonly Lazy<HashSet<string>> RootTypes = new(() =>
        [.. Sources.Where(path => RoomOf(path) is null).Where(path => Path.GetFileName(path) != Program).Select(path => Path.GetFileNameWithoutExtension(path))]);

    private static string? RoomOf(string path) =>
        Path.GetRelativePath(Root, path).Split('/') is { Length: > 1 } parts && parts[^1] != Program ? parts[0] : null;

    private static string? NamespaceOf(string path) => Namespace().Match(File.ReadAllText(path)) is { Success: true } match ? match.Groups[1].Value : null;

    private static string NamespaceFor(string path) =>
        string.Join('.', ["ClawEvents.Broker", .. Path.GetRelativePath(Root, path).Split('/')[..^1]]);

    private static bool IsBuilt(string path) => Path.GetRelativePath(Root, path).Split('/').Any(folder => folder is "bin" or "obj");

    [GeneratedRegex(@"^using (?:static )?(?:\w+ = )?ClawEvents\.Broker\.(?<room>\w+)")]
    private static partial Regex Using();

    // Broker.Hub.ChannelHub, and as a reference of a doc comment also Hub.ChannelHub.
    [GeneratedRegex(@"(?:\bBroker\.|cref="")(?<room>[A-Z]\w*)\.[A-Z]")]
    private static partial Regex Qualified();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*")]
    private static partial Regex Words();
}
