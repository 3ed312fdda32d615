namespace Orleans.Runtime;

/// <summary>The name of a grain class: the class name in lower case without its <c>Grain</c> suffix.</summary>
public readonly record struct GrainType(string Value)
{
    public override string ToString() => Value;
}

/// <summary>The key part of a grain's identity.</summary>
public readonly record struct IdSpan(string Value)
{
    public override string ToString() => Value;
}

/// <summary>A grain's identity: its class and its key, written <c>type/key</c>.</summary>
public readonly record struct GrainId(GrainType Type, IdSpan Key)
{
    public override string ToString() => $"{Type}/{Key}";
}
