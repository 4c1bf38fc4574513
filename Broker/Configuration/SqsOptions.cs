namespace ClawEvents.Broker.Configuration;

/// <summary>Queues of AWS SQS. docs/reference/consumers.md#aws-sqs</summary>
/// <param name="Queues">Their URLs.</param>
internal sealed record SqsOptions(string Name, IReadOnlyList<string> Queues) : ConsumerOptions(Name)
{
    public const string TypeName = "aws_sqs";

    public override string Type => TypeName;

    public override string Program => QueuesProgram;

    /// <summary>A body is what SNS made of a message, not the message itself.</summary>
    public bool HasEnvelope { get; init; }

    /// <summary>Null: that of the environment, or of the profile.</summary>
    public string? Region { get; init; }

    /// <summary>Of one answer.</summary>
    public int MaxMessages { get; init; } = 10;

    /// <summary>How long the server holds a question when the queue is empty; whole seconds.</summary>
    public TimeSpan PollWait { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A message that was received and not deleted is given out again after it, unless it is extended; whole seconds.</summary>
    public TimeSpan Visibility { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Messages of one answer that are carried out at the same time; those of one group are not.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>A profile of the shared credentials; null: the credentials of the place where the broker runs.</summary>
    public string? Profile { get; init; }

    /// <summary>The ARN of a role to assume with these credentials; null: none.</summary>
    public string? Role { get; init; }

    /// <summary>Another server than that of the region; null: that one.</summary>
    public string? Endpoint { get; init; }
}
