namespace ClawEvents.Broker.Protocol;

/// <summary>An error in a reply: a client can cause it, and the connection goes on.</summary>
/// <param name="Code">The number; docs/reference/codes.md lists them. Back ends and the server API may use others.</param>
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

    /// <summary>The end that a token or a back end set has passed, and there is no token to renew.</summary>
    public static readonly ErrorCode Expired = new(110, "expired");
    public static readonly ErrorCode TooManyRequests = new(111, "too many requests", Temporary: true);

    /// <summary>The client's position belongs to another history, or to a part that is gone.</summary>
    public static readonly ErrorCode UnrecoverablePosition = new(112, "unrecoverable position");

    /// <summary>A refusal on the channels of claw.events carries the number its clients know from HTTP.</summary>
    public static readonly ErrorCode Forbidden = new(403, "permission denied");

    /// <summary>An error from a back end or the settings.</summary>
    /// <returns>Null when it is not an error.</returns>
    public static ErrorCode? Custom(long code, string message, bool isTemporary) =>
        code is > 0 and <= int.MaxValue ? new((int)code, message.Length > 0 ? message : "error", isTemporary) : null;

    /// <summary>The same code with a message that says how to correct the request.</summary>
    public ErrorCode Because(string message) => this with { Message = message };
}
