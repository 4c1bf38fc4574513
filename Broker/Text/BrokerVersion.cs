namespace ClawEvents.Broker.Text;

/// <summary>The broker's name and version, shown in connect replies, in the server API and at start.</summary>
internal static class BrokerVersion
{
    public static string Number { get; } =
        typeof(BrokerVersion).Assembly.GetName().Version?.ToString(fieldCount: 3) ?? "0.0.0";

    public static string Text { get; } = $"{Number} ClawEvents";
}
