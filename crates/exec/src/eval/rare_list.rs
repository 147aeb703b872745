//! Which instructions have their body outside the loop.

/// What the loop leaves to [`step`](super::rare::step), as a pattern. All are named, so that the loop's `match` is exhaustive and its dispatch needs no check
/// of the range.
macro_rules! rare_instructions {
    () => {
        Instr::LoadClosure
            | Instr::LoadFastLoadFastCheck
            | Instr::LoadFastBorrowLoadFastBorrowCheck
            | Instr::StoreFastLoadFastCheck
            | Instr::DeleteFast
            | Instr::LoadName
            | Instr::StoreName
            | Instr::DeleteName
            | Instr::LoadNullGlobal
            | Instr::StoreGlobal
            | Instr::DeleteGlobal
            | Instr::LoadLocals
            | Instr::LoadFromDictOrGlobals
            | Instr::LoadFromDictOrDeref
            | Instr::LoadClassderef
            | Instr::LoadBuildClass
            | Instr::LoadAssertionError
            | Instr::SetupAnnotations
            | Instr::DeleteDeref
            | Instr::DeleteAttr
            | Instr::LoadSuperAttr
            | Instr::UnaryInvert
            | Instr::DeleteSubscr
            | Instr::BuildSet
            | Instr::BuildMap
            | Instr::BuildConstKeyMap
            | Instr::BuildString
            | Instr::SetAdd
            | Instr::MapAdd
            | Instr::ListExtend
            | Instr::SetUpdate
            | Instr::DictUpdate
            | Instr::DictMerge
            | Instr::UnpackEx
            | Instr::FormatSimple
            | Instr::FormatWithSpec
            | Instr::ConvertValue
            | Instr::FormatValue
            | Instr::BuildInterpolation
            | Instr::BuildTemplate
            | Instr::PopJumpBackwardIfNone
            | Instr::PopJumpBackwardIfNotNone
            | Instr::JumpIfFalseOrPop
            | Instr::JumpIfTrueOrPop
            | Instr::GetYieldFromIterPair
            | Instr::EndForPair
            | Instr::PopIterPair
            | Instr::GetLen
            | Instr::MatchMapping
            | Instr::MatchSequence
            | Instr::MatchKeys
            | Instr::MatchClass
            | Instr::CallIntrinsic1
            | Instr::CallIntrinsic2
            | Instr::MakeFunctionWith
            | Instr::ImportName
            | Instr::ImportNameLazy
            | Instr::ImportNameEager
            | Instr::ImportFrom
            | Instr::ImportStar
            | Instr::PrintExpr
            | Instr::RaiseVarargs
            | Instr::Reraise
            | Instr::PushExcInfo
            | Instr::PopExcept
            | Instr::CheckExcMatch
            | Instr::CheckEgMatch
            | Instr::BeforeWith
            | Instr::BeforeAsyncWith
            | Instr::WithExceptStart
            | Instr::WithExceptStartSelf
            | Instr::LoadSpecial
            | Instr::EndSendPair
            | Instr::CleanupThrow
            | Instr::CleanupThrowPair
            | Instr::GetYieldFromIter
            | Instr::GetAwaitable
            | Instr::GetAiter
            | Instr::GetAnext
            | Instr::EndAsyncFor
            | Instr::LoadAttrClass
            | Instr::LoadMethodClass
            | Instr::ToBoolInt
            | Instr::ToBoolNone
            | Instr::ToBoolList
            | Instr::ToBoolStr
            | Instr::ToBoolAlwaysTrue
            | Instr::BinaryOpInplaceAddUnicode
    };
}
pub(super) use rare_instructions;
