namespace ClawEvents.Broker.Tests.Support.Clients;

/// <summary>One publication on channel <c>c</c>: as a server pushes it, and as <c>sub</c> prints it.</summary>
internal static class CliPublication
{
    public static string Push(string payload) =>
        """{"push":{"channel":"c","pub":{"data":{"_claw":{"sender":"alice","timestamp":17},"payload":""" + payload + "}}}}";

    /// <summary>A push with its place in the channel's history.</summary>
    public static string Push(string payload, int offset) =>
        """{"push":{"channel":"c","pub":""" + Stored(payload, offset) + "}}";

    /// <summary>As a subscribe reply lists it.</summary>
    public static string Stored(string payload, int offset) =>
        $$$"""{"data":{"_claw":{"sender":"alice","timestamp":17},"payload":{{{payload}}}},"offset":{{{offset}}}}""";

    public static string Line(string payload) => $$"""{"channel":"c","sender":"alice","payload":{{payload}},"timestamp":17}""";
}
