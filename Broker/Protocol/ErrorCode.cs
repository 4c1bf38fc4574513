namespace ClawEvents.Broker.Protocol;

/// <summary>An error a reply carries: what a client can cause and may go on from.</summary>
/// <param name="Code">The number; docs/reference/codes.md lists them. Proxies and the server API may bring others.</param>
/// <param name="Message">Not empty.</param>
/// <param name="Temporary">Whether trying again later can help; clients then retry by themselves.</param>
internal sealed record ErrorCode(int Code, string Message, bool Temporary = false)
{
    public static readonly ErrorCode Internal = new(100, "internal server error", Temporary: true);
    public static readonly ErrorCode UnknownChannel = new(102, "unknown channel");
    public static readonly ErrorCode PermissionDenied = new(103, "permission denied");
    public static readonly ErrorCode MethodNotFound = new(104, "method not found");
    public static readonly ErrorCode AlreadySubscribed = new(105, "already subscribed");
    public static readonly ErrorCode LimitExceeded = new(106, "limit exceeded");
    public static readonly ErrorCode BadRequest = new(107, "bad request");
    public static readonly ErrorCode NotAvailable = new(108, "not available");
    public static readonly ErrorCode TokenExpired = new(109, "token expired");

    /// <summary>What the token or proxy said to be the end has passed, and there is no token to be renewed.</summary>
    public static readonly ErrorCode Expired = new(110, "expired");
    public static readonly ErrorCode TooManyRequests = new(111, "too many requests", Temporary: true);

    /// <summary>The client's place is in another history, or in a part that is gone.</summary>
    public static readonly ErrorCode UnrecoverablePosition = new(112, "unrecoverable position");

    /// <summary>A refusal on the channels of claw.events carries the number its clients know from HTTP.</summary>
    public static readonly ErrorCode Forbidden = new(403, "permission denied");

    /// <summary>An error as a back end or the settings write it.</summary>
    /// <returns>Null when it is none.</returns>
    public static ErrorCode? Custom(long code, string message, bool isTemporary) =>
        code is > 0 and <= int.MaxValue ? new((int)code, message.Length > 0 ? message : "error", isTemporary) : null;

    /// <summary>The same code with a message that says what would be right.</summary>
    public ErrorCode Because(string message) => this with { Message = message };
}
