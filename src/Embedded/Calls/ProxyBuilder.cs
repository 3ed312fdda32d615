using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;

namespace Grid.Embedded.Calls;

/// <summary>
/// Emits, once a grain interface, the class of its references and one call class a method, so that a call costs an object and no
/// reflection.
/// </summary>
internal static class ProxyBuilder
{
    private static readonly ModuleBuilder Module = AssemblyBuilder
        .DefineDynamicAssembly(new AssemblyName("Grid.Embedded.Proxies"), AssemblyBuilderAccess.Run)
        .DefineDynamicModule("Grid.Embedded.Proxies");

    private static readonly ConcurrentDictionary<Type, Lazy<ProxyType>> Proxies = new();

    /// <summary>The proxy of an interface, built on first use.</summary>
    /// <exception cref="ArgumentException">The type is no interface that grains can be called through; the sentence says why.</exception>
    public static ProxyType Get(Type grainInterface) =>
        Proxies.GetOrAdd(grainInterface, static type => new(() => Build(type))).Value;

    private static ProxyType Build(Type grainInterface)
    {
        if (!grainInterface.IsInterface) throw new ArgumentException($"{grainInterface} is not an interface.");
        if (!grainInterface.IsVisible) throw new ArgumentException($"Grain interface {grainInterface} is not public.");
        MethodInfo[] methods = [.. grainInterface.GetInterfaces().Prepend(grainInterface).SelectMany(type => type.GetMethods())];
        lock (Module)
        {
            var name = $"{grainInterface.FullName}#{Guid.NewGuid():N}";
            var proxy = Module.DefineType($"{name}.Reference", TypeAttributes.Class | TypeAttributes.Sealed, typeof(GrainReference), [grainInterface]);
            proxy.DefineDefaultConstructor(MethodAttributes.Public);
            for (var index = 0; index < methods.Length; index++)
                EmitMethod(proxy, methods[index], index, EmitCall($"{name}.{index}.{methods[index].Name}", methods[index]));
            return new(proxy.CreateType(), [.. methods.Select(method => new GrainMethod(method))]);
        }
    }

    private static void EmitMethod(TypeBuilder proxy, MethodInfo method, int index, CallType call)
    {
        var parameters = method.GetParameters();
        var body = proxy.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig | MethodAttributes.NewSlot,
            method.ReturnType,
            [.. parameters.Select(parameter => parameter.ParameterType)]);
        var il = body.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Newobj, call.Constructor);
        for (var i = 0; i < parameters.Length; i++)
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldarg, i + 1);
            il.Emit(OpCodes.Stfld, call.Arguments[i]);
        }
        il.Emit(OpCodes.Ldc_I4, index);
        il.Emit(OpCodes.Call, Sender(method.ReturnType, call.Result));
        il.Emit(OpCodes.Ret);
        proxy.DefineMethodOverride(body, method);
    }

    private static CallType EmitCall(string name, MethodInfo method)
    {
        if (method.IsGenericMethodDefinition) throw Unfit(method, "generic methods");
        var result = ResultOf(method);
        var parent = typeof(GrainCall<>).MakeGenericType(result);
        var type = Module.DefineType(name, TypeAttributes.Class | TypeAttributes.Sealed, parent);
        var constructor = type.DefineDefaultConstructor(MethodAttributes.Public);
        var parameters = method.GetParameters();
        var fields = new FieldInfo[parameters.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            if (parameters[i].ParameterType.IsByRef) throw Unfit(method, "parameters by reference");
            fields[i] = type.DefineField($"Arg{i}", parameters[i].ParameterType, FieldAttributes.Public);
            if (parameters[i].ParameterType == typeof(CancellationToken)) EmitToken(type, fields[i]);
        }

        var abstractInvoke = parent.GetMethod(nameof(GrainCall<>.Invoke))!;
        var invoke = type.DefineMethod(
            nameof(GrainCall<>.Invoke), MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig,
            abstractInvoke.ReturnType, [typeof(object)]);
        var il = invoke.GetILGenerator();
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Castclass, method.DeclaringType!);
        foreach (var field in fields)
        {
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, field);
        }
        il.Emit(OpCodes.Callvirt, method);
        if (result == typeof(Nothing))
            il.Emit(OpCodes.Call, typeof(Nothing).GetMethod(nameof(Nothing.From), [method.ReturnType])!);
        else if (method.ReturnType.GetGenericTypeDefinition() == typeof(Task<>))
            il.Emit(OpCodes.Newobj, abstractInvoke.ReturnType.GetConstructor([method.ReturnType])!);
        il.Emit(OpCodes.Ret);
        type.DefineMethodOverride(invoke, abstractInvoke);
        type.CreateType();
        return new(constructor, fields, result);
    }

    private static void EmitToken(TypeBuilder type, FieldInfo field)
    {
        var getter = typeof(GrainCall).GetProperty(nameof(GrainCall.Token))!.GetMethod!;
        var token = type.DefineMethod(
            getter.Name, MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig, typeof(CancellationToken), []);
        var il = token.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldfld, field);
        il.Emit(OpCodes.Ret);
        type.DefineMethodOverride(token, getter);
    }

    private static Type ResultOf(MethodInfo method)
    {
        var type = method.ReturnType;
        if (type == typeof(Task) || type == typeof(ValueTask)) return typeof(Nothing);
        if (type.IsGenericType && type.GetGenericTypeDefinition() is var shape && (shape == typeof(Task<>) || shape == typeof(ValueTask<>)))
            return type.GetGenericArguments()[0];
        throw Unfit(method, "results other than Task, Task<T>, ValueTask and ValueTask<T>");
    }

    private static MethodInfo Sender(Type returned, Type result)
    {
        var isTask = typeof(Task).IsAssignableFrom(returned);
        if (result == typeof(Nothing))
            return typeof(GrainReference).GetMethod(isTask ? nameof(GrainReference.SendForTask) : nameof(GrainReference.SendForValueTask))!;
        return typeof(GrainReference)
            .GetMethod(isTask ? nameof(GrainReference.SendForTaskOf) : nameof(GrainReference.SendForValueTaskOf))!
            .MakeGenericMethod(result);
    }

    private static ArgumentException Unfit(MethodInfo method, string what) =>
        new($"{method.DeclaringType!.FullName}.{method.Name}: grain interfaces cannot have {what}.");

    private sealed record CallType(ConstructorInfo Constructor, FieldInfo[] Arguments, Type Result);
}
