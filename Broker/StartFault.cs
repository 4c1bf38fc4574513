using System.Net;
using ClawEvents.Broker.Acme;
using ClawEvents.Broker.Configuration;
using ClawEvents.Broker.Connections;
using ClawEvents.Broker.Faults;
using ClawEvents.Broker.Files;
using ClawEvents.Broker.Transport;

namespace ClawEvents.Broker;

/// <summary>Why a broker with valid settings cannot start: one line that names the setting, says what is wrong, and gives an example.</summary>
internal static class StartFault
{
    /// <returns>Null for a fault that no setting can mend.</returns>
    public static string? Describe(Exception exception, BrokerOptions options) => exception switch
    {
        CannotListenException listening => Describe(listening, options),
        CertificateException certificate => $"{certificate.Message}. Example: {certificate.Setting}=/etc/clawevents/tls.pem",
        AcmeException acme => $"AcmeFolder: {acme.Message}. Example: AcmeFolder=/var/lib/clawevents/certificates",
        StoreRefusedException store => $"REDIS_URL: {store.Message}. Example: REDIS_URL=redis://:password@localhost:6379/0",
        IOException or UnauthorizedAccessException => $"CLAW_DATA_DIR: the folder '{options.State.DataFolder}' cannot be used: {DiskReason(exception, options.State.DataFolder)}. Example: CLAW_DATA_DIR=/var/lib/clawevents",
        _ => null,
    };

    public static string Describe(CannotListenException exception, BrokerOptions options)
    {
        var door = options.Grpc.Doors.FirstOrDefault(door => BrokerListeners.EndPointsOf(door.Host, door.Port).Contains(exception.EndPoint));
        var isInternal = !BrokerListeners.EndPointsOf(options.Listeners.Host, options.Listeners.Port).Contains(exception.EndPoint);
        var (setting, example) = exception.EndPoint is not IPEndPoint ? ("CLAW_HOST", "unix:/run/clawevents/broker.sock")
            : door is not null && exception.Reason is CannotListenReason.NoSuchAddress ? ($"{door.Prefix}Host", "127.0.0.1")
            : door is not null ? ($"{door.Prefix}Port", $"{door.Port + 1}")
            : exception.Reason is CannotListenReason.NoSuchAddress ? (isInternal && options.Listeners.InternalHost is not null ? "InternalHost" : "CLAW_HOST", "127.0.0.1")
            : isInternal ? ("InternalPort", "8082") : ("PORT", "8081");
        return $"{setting}: cannot listen on {exception.EndPoint}: {exception.Message}. Example: {setting}={example}";
    }

    private static string DiskReason(Exception exception, string folder) => exception switch
    {
        UnauthorizedAccessException => $"{exception.Message.TrimEnd('.')}: it and its files have to belong to the broker's user",
        _ when File.Exists(folder) => "a file is in its place",
        DirectoryNotFoundException or FileNotFoundException => "it cannot be made there",
        _ => DiskFault.Find(exception) ?? exception.Message.TrimEnd('.'),
    };
}
