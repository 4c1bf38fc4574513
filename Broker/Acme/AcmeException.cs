namespace ClawEvents.Broker.Acme;

/// <summary>The server did not give a certificate: what it said, or what was wrong with its answer.</summary>
internal sealed class AcmeException(string message, Exception? innerException = null) : Exception(message, innerException);
